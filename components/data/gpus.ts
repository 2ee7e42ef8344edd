import type { GpuModel } from "../gpus";

/** Memory is what CUDA reports (vLLM's logs, nvidia-smi), which is less than the figure in the name. */
export const gpuModels: readonly GpuModel[] = [
  {
    name: "L4",
    products: ["NVIDIA-L4"],
    memoryMiB: 22_563,
    computeCapability: 8.9,
    sources: [],
  },
];
