import { driverOf } from "../../args/lineFacts";
import { at, cudaErrors, inTorch, inVllm, libnvidiaContainer } from "../sources";
import { reported, type Row, setting } from "../symptom";

/** A GPU, a driver or a CUDA that the server cannot use. */
export const serverGpuSymptoms = [
  {
    id: "server-no-kernel",
    title: "the image has no kernels for this GPU",
    sees: "server crashes: `no kernel image is available for execution on the device`",
    area: "server",
    patterns: [
      /no kernel image is available|device kernel image is invalid|cudaErrorNoKernelImageForDevice/i,
      /is not compatible with the current PyTorch installation/i,
      /ptxas fatal\s*: Value 'sm_\w+' is not defined|Unsupported gpu architecture 'compute_\w+'/i,
    ],
    remedy:
      "use an image whose CUDA knows this GPU (a newer line for a newer GPU, an older one for a GPU that the new ones have dropped), or another node",
    command: "npm run ops -- cuda-probe --stack {stack}",
    program: "`cuda-probe` tries image and GPU together",
    doom: "at-once",
    example: "torch.AcceleratorError: CUDA error: no kernel image is available for execution on the device",
    source: reported(cudaErrors, inTorch("torch/cuda/__init__.py")),
  },
  {
    id: "server-dtype-gpu",
    title: "the GPU does not know this number format",
    sees: "server crashes: `Bfloat16 is only supported on GPUs with compute capability of at least 8.0`",
    area: "server",
    patterns: [/bfloat16 is only supported on GPUs with compute capability|bfloat16 requires SM80/i],
    remedy: "set `dtype` to `float16`, or use a GPU of compute capability 8.0 or more (A10, A100 and newer)",
    mend: (text) =>
      /Re-run with --kv-cache-dtype float16/.test(text)
        ? "set `kvCacheDtype` to float16: this GPU knows no bfloat16"
        : undefined,
    command: setting("dtype", "float16"),
    program: "leaves `dtype` to the model by default",
    doom: "at-once",
    example:
      "ValueError: Bfloat16 is only supported on GPUs with compute capability of at least 8.0. Your Tesla T4 GPU has compute capability 7.5.",
    source: reported(inVllm("vllm/platforms/cuda.py")),
  },
  {
    id: "server-compute-capability",
    title: "this GPU is too old for the model's quantisation or for what the server was told to use",
    sees: "server crashes: `is not supported for the current GPU. Minimum capability`",
    area: "server",
    patterns: [
      /is not supported for the current GPU|Min(imum)? capability: ?\d+|Required capability: /i,
      /supports? Ampere GPUs or newer|supported on compute capability|FlashInfer does not support compute capability/i,
      /fp8e4nv|(FP8|MXFP4|NVFP4)[^\n]*(requires?|supported on) (SM ?\d+|compute capability|Hopper|Blackwell)/i,
      /(No valid attention backend found|Selected backend .* is not valid)[^\n]*compute capability/,
      /Failed to find a kernel that can implement the/,
    ],
    remedy:
      "use a model of a quantisation that this GPU knows (AWQ or GPTQ from compute capability 7.5 on, FP8 from 8.9 on), or a newer GPU",
    mend: (text) => {
      const [, cacheDtype] = /Re-run with --kv-cache-dtype (\w+)/.exec(text) ?? [];
      if (cacheDtype !== undefined) return `set \`kvCacheDtype\` to ${cacheDtype}, which this GPU knows`;
      const [, method, least, have] =
        /quantization method (\S+) is not supported.*?Minimum capability: (\d+)\. Current capability: (\d+)/is.exec(
          text,
        ) ?? [];
      const dotted = (figure = ""): string => `${figure.slice(0, -1)}.${figure.slice(-1)}`;
      return (
        method &&
        `${method} needs a GPU of compute capability ${dotted(least)}, this one has ${dotted(have)}: use a model of another quantisation, or a newer GPU`
      );
    },
    command: setting("modelId", "<owner>/<model>"),
    program: "compares model and GPU at preview, where it knows both",
    doom: "at-once",
    example:
      "ValueError: The quantization method fp8 is not supported for the current GPU. Minimum capability: 89. Current capability: 75.",
    source: reported(
      inVllm("vllm/config/vllm.py"),
      inVllm("vllm/model_executor/layers/quantization/compressed_tensors/compressed_tensors.py"),
      inTorch("aten/src/ATen/native/transformers/cuda/sdp_utils.cpp"),
    ),
  },
  {
    id: "server-attention-backend",
    title: "no attention backend of this vLLM serves this model with these settings on this GPU",
    sees: "server crashes: `No valid attention backend found`",
    area: "server",
    patterns: [
      /^(?!.*compute capability).*(No valid attention backend found|Selected backend .* is not valid for this configuration)/m,
    ],
    remedy:
      "the line gives the reason for each backend: take away `kvCacheDtype`, or `--attention-backend` in `extraArgs`, where they are set, else use a newer `image`",
    command: "pulumi config --stack {stack}",
    program: "leaves the backend to vLLM",
    doom: "at-once",
    example:
      "ValueError: Selected backend FLASHMLA is not valid for this configuration. Reason: ['head_size not supported']",
    source: reported(inVllm("vllm/platforms/cuda.py")),
  },
  {
    id: "server-fabric-manager",
    title: "the node's NVLink fabric is not up: its fabric manager does not run",
    sees: "server crashes: `Error 802: system not yet initialized`",
    area: "server",
    patterns: [/Error 802\b|system not yet initialized|cudaErrorSystemNotReady/i],
    remedy:
      "have the cluster's admin start the fabric manager on this node in the driver's own version (the GPU operator's driver pod runs it on HGX nodes), or use another node",
    command: "kubectl get pods -n nvidia-gpu-operator -o wide",
    program: "gives it a second try, since it may just be coming up",
    doom: "repeated",
    example: "RuntimeError: Unexpected error from cudaGetDeviceCount(). Error 802: system not yet initialized",
    source: reported(cudaErrors),
  },
  {
    id: "server-cuda-requirement",
    title: "the GPU's driver is too old for the image's CUDA",
    sees: "`NVIDIA_REQUIRE_CUDA` error; `Error 803`, `driver version is insufficient`",
    area: "server",
    patterns: [
      /\(NVIDIA_REQUIRE_CUDA\)|NVIDIA_REQUIRE_CUDA (error|is not)/,
      /unsatisfied condition: (cuda|driver|brand)/i,
      /CUDA driver version is insufficient|NVIDIA driver on your system is too old/i,
      /Error 80[34]\b|unsupported display driver|forward compatibility was attempted/i,
      /PTX was compiled with an unsupported toolchain/i,
      /CUDA (version|initialization)[^\n]*too old/i,
    ],
    remedy:
      `use the RHAIIS image (\`image\`), not the community one, and ${driverOf.anyLine} (${driverOf.newestLine}), ` +
      "or an image of an older CUDA",
    command: "npm run ops -- cuda-probe --stack {stack}",
    program:
      "uses the RHAIIS image by default; `doctor` reads the driver's version from the nodes, `cuda-probe` tries image and GPU together",
    doom: "at-once",
    example: "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your driver",
    source: reported(cudaErrors, inTorch("c10/cuda/CUDAFunctions.cpp"), libnvidiaContainer),
  },
  {
    id: "server-gpu-not-visible",
    title: "the container sees no GPU",
    sees: "GPU not visible: `no CUDA GPUs are available`, `Failed to infer device type`",
    area: "server",
    patterns: [
      /no CUDA GPUs are available|no CUDA-capable device|^torch\.cuda\.is_available: False$/im,
      /failed to infer device type|Device string must not be empty/i,
      /libcuda\.so(\.1)?: cannot open|Found no NVIDIA driver on your system/i,
      /Torch not compiled with CUDA enabled|NVML Shared Library Not Found|NVMLError_(LibraryNotFound|DriverNotLoaded|Uninitialized)/i,
    ],
    remedy:
      "use a CUDA image (`image`), and where the cluster needs one, set `runtimeClassName`; else the GPU operator's container toolkit is not ready on this node",
    command: "npm run ops -- cuda-probe --stack {stack}",
    program: "asks for the GPU by its resource; `cuda-probe` shows what a container sees of it",
    doom: "at-once",
    example: "RuntimeError: No CUDA GPUs are available",
    source: reported(
      inTorch("c10/cuda/CUDAFunctions.cpp"),
      inVllm("vllm/config/device.py"),
      inVllm("vllm/third_party/pynvml.py"),
    ),
  },
  {
    id: "server-cuda-libraries",
    title: "the image's vLLM was built for other libraries than the image has",
    sees: "server crashes: `libcudart.so.13: cannot open shared object file`, `undefined symbol`",
    area: "server",
    patterns: [
      /lib(cudart|cublas(Lt)?|cudnn\w*|cusparse\w*|cufft|curand|nvrtc|nvJitLink|nccl|torch\w*|c10\w*)[\w.-]*\.so[.\d]*: cannot open/i,
      /undefined symbol: |version [`'](GLIBCXX|GLIBC|CXXABI)_[\d.]+' not found|libcudart[^\n]*version [`'][^\n]*not found/,
      /operator torch\w*::\w+ does not exist|'_OpNamespace' '_?\w+' object has no attribute/,
    ],
    remedy:
      "use an image whose vLLM, PyTorch and CUDA were built together: the RHAIIS image as it is, without packages that were added to it",
    command: setting("image", "<image>"),
    program: "uses the RHAIIS image by default, as it is",
    doom: "at-once",
    example: "ImportError: libcudart.so.13: cannot open shared object file: No such file or directory",
    source: reported(
      at("ld.so, glibc", "https://man7.org/linux/man-pages/man8/ld.so.8.html"),
      inTorch("torch/_ops.py"),
    ),
  },
  {
    id: "server-world-size",
    title: "the server wants more GPUs than it sees",
    sees: "server crashes: `World size (2) is larger than the number of available GPUs (1)`",
    area: "server",
    patterns: [
      /World size \(\d+\) is larger than the number of available GPUs/,
      /local_world_size \(\d+\) (must be less than or equal to|exceeds)/,
      /invalid device ordinal|Error computing (assigned_physical_gpu_ids|device indices)/,
      /invalid literal for int\(\) with base 10: '(MIG|GPU)-/,
    ],
    remedy:
      "set `tensorParallelSize` to the GPUs that the container has: MIG slices count as one GPU, since vLLM cannot join them; the resource limit must be as high",
    mend: (text) => {
      const [, wanted, seen] =
        /World size \((\d+)\).*?GPUs \((\d+)\)|local_world_size \((\d+)\).*?\((\d+)\)/s
          .exec(text)
          ?.filter((each) => each !== undefined) ?? [];
      return (
        wanted &&
        `the server was told ${wanted} GPUs and sees ${seen}: set \`tensorParallelSize\` to ${seen}; MIG slices count as one GPU, since vLLM cannot join them`
      );
    },
    command: setting("tensorParallelSize", "<gpus>"),
    program: "asks for as many GPUs as `tensorParallelSize`",
    doom: "at-once",
    example: "  Value error, World size (2) is larger than the number of available GPUs (1) in this node.",
    source: reported(inVllm("vllm/config/parallel.py"), cudaErrors),
  },
  {
    id: "server-gpu-faulty",
    title: "the GPU is ill",
    sees: "server crashes: `uncorrectable ECC error`, `GPU is lost`",
    area: "server",
    patterns: [
      /uncorrectable (ECC|NVLink) error|cudaErrorECCUncorrectable/i,
      /GPU is lost|fallen off the bus|NVMLError_GpuIsLost/i,
      /hardware stack error/i,
    ],
    remedy:
      "cordon the node and have its admin reset or replace the GPU (`nvidia-smi -q` on it); the next start takes another node",
    command: "kubectl cordon <node>",
    program: "gives it a second try, and names the node's pod",
    doom: "repeated",
    example: "torch.AcceleratorError: CUDA error: uncorrectable ECC error encountered",
    source: reported(
      cudaErrors,
      at("NVML's NVML_ERROR_GPU_IS_LOST", "https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceEnumvs.html"),
    ),
  },
  {
    id: "server-gpu-busy",
    title: "the GPU is held by somebody else",
    sees: "server crashes: `all CUDA-capable devices are busy or unavailable`",
    area: "server",
    patterns: [/CUDA-capable device\(?s?\)? (is\/)?(are|is) busy or unavailable|cudaErrorDevicesUnavailable/i],
    remedy:
      "find who else runs on this GPU (a pod that takes it around the scheduler, a process on the node, MIG being set up), or use another node",
    command: "kubectl get pods -A -o wide",
    program: "gives it a second try: an old pod's process may just be going",
    doom: "repeated",
    example: "torch.AcceleratorError: CUDA error: CUDA-capable device(s) is/are busy or unavailable",
    source: reported(cudaErrors),
  },
  {
    id: "server-gpu-peers",
    title: "the GPUs of this node cannot reach each other's memory",
    sees: "server crashes: `peer access is not supported between these two devices`",
    area: "server",
    patterns: [
      /peer access is not supported|peer mapping resources exhausted|custom[_ ]all[_ ]?reduce\S*[^\n]*(error|fail)/i,
    ],
    remedy:
      "set NCCL_P2P_DISABLE to 1 in `env` and `--disable-custom-all-reduce` in `extraArgs`, or use a node whose GPUs are joined",
    command: "npm run ops -- cuda-probe --stack {stack}",
    program: "gives it a second try",
    doom: "repeated",
    example: "torch.AcceleratorError: CUDA error: peer access is not supported between these two devices",
    source: reported(cudaErrors),
  },
  {
    id: "server-nccl",
    title: "the GPUs cannot talk to each other",
    sees: "server crashes: an NCCL error",
    area: "server",
    patterns: [/NCCL (error|WARN)|nccl(UnhandledCuda|System|Internal|Remote)Error|ncclInvalidUsage|DistBackendError/i],
    remedy:
      "raise `sharedMemorySize`; if it stays, set NCCL_DEBUG to INFO in `env`: its lines say what is missing (NCCL_P2P_DISABLE, set to 1, goes around the GPUs' own links)",
    command: setting("sharedMemorySize", "<size>"),
    program: "mounts memory at /dev/shm, which NCCL needs; gives it a second try",
    doom: "repeated",
    vague: true,
    example: "torch.distributed.DistBackendError: NCCL error in: ProcessGroupNCCL.cpp:94, unhandled cuda error",
    source: reported(inTorch("torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp")),
  },
  {
    id: "server-cuda-error",
    title: "a call to the GPU failed",
    sees: "server crashes: `CUDA error`",
    area: "server",
    patterns: [
      /(CUDA error|CUDA driver error|cuDNN error|CUBLAS error)(: (?!out of memory)|\b[^\n]*CUBLAS_STATUS_(?!ALLOC_FAILED))/,
    ],
    remedy:
      "the line names the fault; `cuda-probe` tells whether image and GPU fit; another node tells whether it is the GPU, a newer image whether it is vLLM",
    command: "npm run ops -- cuda-probe --stack {stack}",
    program: "gives it a second try",
    doom: "repeated",
    vague: true,
    example: "torch.AcceleratorError: CUDA error: an illegal memory access was encountered",
    source: reported(inTorch("c10/cuda/CUDAException.cpp")),
  },
] as const satisfies readonly Row[];
