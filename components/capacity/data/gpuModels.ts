import type { GpuModel } from "../types";
import { capabilityOf, llmdReport, memoryOf, readLater } from "./sources";

/** The driver's totals of seven GPUs, by nvidia-smi; CUDA sees 0.4 to 0.6 GiB less. */
const nvidiaSmi = memoryOf("https://github.com/modal-labs/modal-client/pull/2797");
const generations = capabilityOf("https://docs.vllm.ai/en/v0.11.2/features/quantization/");
const systems = (name: string) =>
  capabilityOf(
    `https://github.com/ai-dynamo/aiconfigurator/blob/095f58a5/aic-core/src/aiconfigurator_core/systems/${name}.yaml`,
  );

/** Memory is what CUDA reports, the least that was found: vLLM's share is a part of that, not of the figure in the name. */
export const gpuModels: readonly GpuModel[] = [
  {
    name: "T4",
    products: ["Tesla-T4"],
    memoryGiB: 14.58,
    computeCapability: 7.5,
    sources: [
      memoryOf("https://github.com/datawhalechina/self-llm/issues/162"),
      capabilityOf("https://github.com/vllm-project/vllm/issues/1400"),
    ],
  },
  {
    name: "A10",
    products: ["NVIDIA-A10"],
    memoryGiB: 22.18,
    computeCapability: 8.6,
    sources: [memoryOf("https://github.com/OpenBMB/MiniCPM-V/issues/640"), generations],
  },
  {
    name: "A10G",
    products: ["NVIDIA-A10G"],
    // 23,028 MiB by nvidia-smi, less what CUDA lacks on the L4, whose total is 6 MiB larger.
    memoryGiB: 22.04,
    computeCapability: 8.6,
    sources: [nvidiaSmi, generations],
  },
  {
    name: "L4",
    products: ["NVIDIA-L4"],
    memoryGiB: 22.04,
    computeCapability: 8.9,
    sources: [memoryOf("https://github.com/floSa/data-analyst-agent/blob/430a10cc/docs/VLLM.md"), systems("l4")],
  },
  {
    name: "L40S",
    products: ["NVIDIA-L40S"],
    // 46,068 MiB by nvidia-smi; vLLM's logs say 44.39 and 44.42.
    memoryGiB: 44.39,
    computeCapability: 8.9,
    sources: [nvidiaSmi, systems("l40s")],
  },
  {
    name: "A100-40",
    products: ["NVIDIA-A100-SXM4-40GB", "NVIDIA-A100-PCIE-40GB"],
    // 40,960 MiB by nvidia-smi; vLLM's logs say 39.39 to 39.56.
    memoryGiB: 39.39,
    computeCapability: 8.0,
    slices: true,
    sources: [nvidiaSmi, generations],
  },
  {
    name: "A100-80",
    products: ["NVIDIA-A100-SXM4-80GB", "NVIDIA-A100-80GB-PCIe"],
    memoryGiB: 79.15,
    computeCapability: 8.0,
    slices: true,
    sources: [memoryOf("https://github.com/vllm-project/vllm/issues/4408"), systems("a100_sxm")],
  },
  {
    name: "H100",
    products: ["NVIDIA-H100-80GB-HBM3", "NVIDIA-H100-PCIe"],
    memoryGiB: 79.11,
    computeCapability: 9.0,
    slices: true,
    sources: [memoryOf("https://github.com/vllm-project/vllm/issues/27508"), memoryOf(llmdReport), systems("h100_sxm")],
  },
  {
    name: "H20",
    products: ["NVIDIA-H20"],
    // 96 GB; a node's label nvidia.com/gpu.memory says 97,871 MiB, less the 0.6 GiB that CUDA lacks at most on the others.
    memoryGiB: 94.97,
    computeCapability: 9.0,
    sources: readLater(
      memoryOf("https://huggingface.co/hardware/h20"),
      capabilityOf("https://github.com/sgl-project/sglang/issues/4572"),
    ),
  },
  {
    name: "H200",
    products: ["NVIDIA-H200"],
    memoryGiB: 139.8,
    computeCapability: 9.0,
    slices: true,
    // That page says 139.81.
    sources: [memoryOf("https://github.com/vllm-project/vllm/issues/34553"), systems("h200_sxm")],
  },
  {
    name: "RTX-5090",
    products: ["NVIDIA-GeForce-RTX-5090"],
    // 32,607 MiB by nvidia-smi (https://github.com/noonghunna/club-3090/issues/1322); another error of CUDA's says 31.37.
    memoryGiB: 31.36,
    computeCapability: 12.0,
    sources: readLater(
      memoryOf("https://github.com/TrajectoryCrafter/TrajectoryCrafter/issues/20"),
      capabilityOf("https://developer.nvidia.com/cuda-gpus"),
    ),
  },
  {
    name: "RTX-PRO-6000",
    products: ["NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition"],
    // 97,887 MiB by nvidia-smi, less the 0.6 GiB that CUDA lacks at most on the others.
    memoryGiB: 94.99,
    computeCapability: 12.0,
    slices: true,
    sources: [
      memoryOf(
        "https://github.com/ai-dynamo/aiconfigurator/blob/095f58a5/aic-core/src/aiconfigurator_core/systems/rtx_pro_6000_server.yaml",
      ),
      systems("rtx_pro_6000_server"),
    ],
  },
  {
    name: "B200",
    products: ["NVIDIA-B200"],
    memoryGiB: 178.35,
    computeCapability: 10.0,
    slices: true,
    sources: [memoryOf("https://github.com/pytorch/ao/pull/4002"), systems("b200_sxm")],
  },
];
