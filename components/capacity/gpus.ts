import { gpuModels } from "./data/gpuModels";
import type { GpuModel } from "./types";

export const gpus: readonly GpuModel[] = gpuModels;

/** The GPU that `name` means: its name here or a value of `nvidia.com/gpu.product`, regardless of case. */
export function findGpu(name: string): GpuModel | undefined {
  const wanted = name.toLowerCase();
  return gpus.find((gpu) => [gpu.name, ...gpu.products].some((known) => known.toLowerCase() === wanted));
}

/** What vLLM 0.11 can do on a GPU, by compute capability (https://docs.vllm.ai/en/v0.11.2/features/quantization/). */
export const supports = {
  /** bfloat16 arithmetic came with Ampere. */
  bfloat16: (gpu: GpuModel): boolean => gpu.computeCapability >= 8.0,
  /** FP8 arithmetic came with Ada. */
  fp8Arithmetic: (gpu: GpuModel): boolean => gpu.computeCapability >= 8.9,
  /** The Marlin kernels: AWQ at speed, and FP8 and MXFP4 as stored weights where the GPU cannot compute in them. */
  marlin: (gpu: GpuModel): boolean => gpu.computeCapability >= 8.0,
};
