import { problem, type Problem } from "../text/errors";
import type { GpuModel } from "./types";

/**
 * How much of its share of the memory a slice has at least, by eighths. NVIDIA's lists say 0.865 and more for one (GB200: 20.00 GiB), 0.929 and
 * more for two (H100 NVL: 21.62 GiB), 0.993 and more for four (A100: 19.62 of 39.50 GiB): https://github.com/NVIDIA/gpu-operator/pull/1303,
 * https://github.com/NVIDIA/mig-parted/pull/101.
 */
const atLeast: Readonly<Record<number, number>> = { 1: 0.865, 2: 0.929, 4: 0.99, 8: 1 };

/**
 * Eighths of the memory that a slice of so many compute slices can have:
 * https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-mig-profiles.html
 */
const shares: Readonly<Record<string, readonly number[]>> = { 1: [1, 2], 2: [2, 4], 3: [4], 4: [4, 8], 7: [8] };

/** The GPU that a resource stands for: a slice has some eighths of the memory, and computes as the whole does. */
export function sliceOf(gpu: GpuModel, resource: string): { gpu: GpuModel; problems: Problem[] } {
  const [, computes = "", size] = /^nvidia\.com\/mig-(\d+)g\.(\d+)gb/.exec(resource) ?? [];
  if (size === undefined) return { gpu, problems: [] };
  const exact = (Number(size) / gpu.memoryGiB) * 8;
  const eighths = shares[computes]?.find((share) => Math.abs(exact - share) < 0.15 * Math.max(1, share / 2));
  if (!gpu.slices || eighths === undefined) {
    const rule = `be a slice that ${gpu.name} ('gpuModel', ${gpu.memoryGiB} GiB) can be cut into`;
    const remedy = "set the slice as `oc describe node` shows it, or another gpuModel";
    return { gpu, problems: [problem("gpuResource", resource, rule, remedy)] };
  }
  const mostGiB = (gpu.memoryGiB * eighths) / 8;
  const memoryGiB = Number((mostGiB * (atLeast[eighths] ?? 1)).toFixed(2));
  const name = `${resource.slice("nvidia.com/".length)} of ${gpu.name}`;
  return { gpu: { ...gpu, name, memoryGiB, mostGiB }, problems: [] };
}
