import { inTorch, inVllm } from "../sources";
import { asAWhole, recorded, reported, type Row, setting } from "../symptom";

/** Too little memory, of the GPU or of the container. */
export const serverMemorySymptoms = [
  {
    id: "server-gpu-held",
    title: "somebody else holds a part of the GPU's memory",
    sees: "server crashes: `Free memory on device … is less than desired GPU memory utilization`",
    area: "server",
    patterns: [
      /Free memory on device .* less than desired GPU memory utilization/is,
      /Error in memory profiling\. Initial free memory/,
    ],
    remedy:
      "find who else runs on this GPU (a pod that takes it around the scheduler, a process of an old pod on the node), or lower `gpuMemoryUtilization` to what is free",
    mend: (text) => {
      const [, free, total, , wanted] =
        /\(([\d.]+)\/([\d.]+) GiB\).*utilization \(([\d.]+), ([\d.]+) GiB\)/s.exec(text) ?? [];
      if (free === undefined || total === undefined) return undefined;
      const fits = Math.floor((Number(free) / Number(total)) * 100) / 100;
      return (
        `${free} of ${total} GiB are free and ${wanted} GiB are wanted: find who else runs on this GPU (\`kubectl get pods -A -o wide\`, a process of an ` +
        `old pod on the node), or lower \`gpuMemoryUtilization\` to ${fits}, if the model fits in that`
      );
    },
    command: "kubectl get pods -A -o wide",
    program: "lets the old pod go first (Recreate); gives it a second try, since its process may just be going",
    doom: "repeated",
    example:
      "ValueError: Free memory on device (22.65/79.18 GiB) on startup is less than desired GPU memory utilization (0.9, 71.26 GiB).",
    source: reported(
      inVllm("vllm/v1/worker/gpu_worker.py", "0.13.0"),
      inVllm("vllm/v1/worker/utils.py", "0.18.0 to 0.32.0"),
    ),
  },
  {
    id: "server-no-cache-memory",
    title: "beside the model's weights no GPU memory is left for the KV cache",
    sees: "server crashes: `No available memory for the cache blocks`",
    area: "server",
    patterns: [
      /no available memory for the cache blocks/i,
      /not enough GPU memory available to serve even a single token/i,
    ],
    remedy:
      "use a smaller or more quantised model, more GPUs (`tensorParallelSize`) or a larger one, or raise `gpuMemoryUtilization`; a shorter context does not help",
    command: setting("gpuMemoryUtilization", "0.95"),
    program: "reckons the memory at preview, where it knows the model and the GPU",
    doom: "at-once",
    example:
      "ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.",
    source: reported(inVllm("vllm/v1/core/kv_cache_utils.py")),
  },
  {
    id: "server-kv-cache",
    title: "the context does not fit in the GPU's memory",
    sees: "server crashes: `KV cache is needed, which is larger than the available`",
    area: "server",
    patterns: [/KV cache is needed/i, /larger than the available KV cache memory/i],
    remedy:
      "lower `maxModelLen` or `maxNumSeqs`, raise `gpuMemoryUtilization`, or use more GPUs (`tensorParallelSize`)",
    mend: (text) => {
      const [, largest] = /estimated maximum model length is (\d+)/.exec(text) ?? [];
      const [, needed, there] = /([\d.]+) GiB KV cache is needed.*?\(([\d.]+) GiB\)/s.exec(text) ?? [];
      const figures =
        needed === undefined ? "" : `; ${needed} GiB are needed for one request and ${there} GiB are there`;
      return (
        largest &&
        `lower \`maxModelLen\` to at most ${largest}, the largest that fits${figures}; or raise \`gpuMemoryUtilization\`, or use more GPUs (\`tensorParallelSize\`)`
      );
    },
    command: setting("maxModelLen", "<tokens>"),
    program:
      "reckons the memory at preview, where it knows the model and the GPU, and refuses a context that cannot fit",
    doom: "at-once",
    example:
      "ValueError: To serve at least one request, 1.75 GiB KV cache is needed, which is larger than the available KV cache memory",
    source: reported(inVllm("vllm/v1/core/kv_cache_utils.py")),
  },
  {
    id: "server-mamba-cache",
    title: "more sequences at once are asked for than the model's state cache holds",
    sees: "server crashes: `max_num_seqs … exceeds available Mamba cache blocks`",
    area: "server",
    patterns: [/max_num_seqs \(\d+\) exceeds available Mamba cache blocks/],
    remedy: "lower `maxNumSeqs`, or raise `gpuMemoryUtilization`",
    mend: (text) => {
      const [, most] = /Mamba cache blocks \((\d+)\)/.exec(text) ?? [];
      return most && `lower \`maxNumSeqs\` to at most ${most}, or raise \`gpuMemoryUtilization\``;
    },
    command: setting("maxNumSeqs", "<sequences>"),
    program: "shows the line with its number",
    doom: "at-once",
    example: "ValueError: max_num_seqs (128) exceeds available Mamba cache blocks (64).",
    source: reported(inVllm("vllm/config/compilation.py", "0.24.0 to 0.32.0")),
  },
  {
    id: "server-out-of-memory",
    title: "the model does not fit in the GPU's memory",
    sees: "server crashes: `CUDA out of memory`",
    area: "server",
    patterns: [
      /CUDA out of memory/i,
      /torch\.(cuda\.)?OutOfMemoryError/,
      /CUDA error: out of memory|CUBLAS_STATUS_ALLOC_FAILED|cudaErrorMemoryAllocation/i,
    ],
    remedy:
      "use a smaller or more quantised model, a larger GPU, or more of them (`tensorParallelSize`); lower `gpuMemoryUtilization` or " +
      "`maxNumSeqs` where it is short only at the end; nobody else may use this GPU",
    mend: (text) => {
      if (/warming up (sampler|pooler)/.test(text))
        return "lower `maxNumSeqs` or `gpuMemoryUtilization`: the model fits, its first step does not";
      const [, total, free] = /total capacity of ([\d.]+ [GM]iB) of which ([\d.]+ [GM]iB) is free/.exec(text) ?? [];
      const [, tried] = /Tried to allocate ([\d.]+ [GMK]iB)/.exec(text) ?? [];
      return (
        total &&
        `the GPU has ${total}, of which ${free} are free, and ${tried ?? "more"} were asked for: use a smaller or more quantised model, lower \`maxModelLen\` ` +
          "or `gpuMemoryUtilization`, use a larger GPU or more of them (`tensorParallelSize`); nobody else may use this GPU"
      );
    },
    command: setting("tensorParallelSize", "<gpus>"),
    program: "reckons the memory at preview, where it knows the model and the GPU, and names what would fit",
    doom: "at-once",
    example: "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB",
    source: reported(inTorch("c10/cuda/CUDACachingAllocator.cpp"), inVllm("vllm/v1/worker/gpu_model_runner.py")),
  },
  {
    id: "server-oom-killed",
    title: "the server used more main memory than its limit",
    sees: "server: OOMKilled, exit code 137",
    area: "server",
    reasons: ["OOMKilled"],
    patterns: [/\boom-?killed\b/i],
    remedy: `raise the memory limit in \`resources\`${asAWhole}`,
    command: setting("--path resources.limits.memory", "<quantity>"),
    program: "sets the limit from `resources` (8Gi by default)",
    doom: "at-once",
    example: "OOMKilled",
    source: recorded("vLLM 0.13.0, 0.18.0, 0.24.0, 0.32.0"),
  },
  {
    id: "server-engine-killed",
    title: "the engine was killed from outside, most likely for want of main memory",
    sees: "server crashes: `Failed core proc(s): {'EngineCore_DP0': -9}`, or no word of the engine at all",
    area: "server",
    patterns: [/Failed core proc\(s\): \{[^}]*: -9\b/],
    remedy: `raise the memory limit in \`resources\`, at which the kernel kills the largest process${asAWhole}`,
    command: setting("--path resources.limits.memory", "<quantity>"),
    program: "sets the limit from `resources` (8Gi by default); gives it a second try",
    doom: "repeated",
    example:
      "RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {'EngineCore_DP0': -9}",
    source: recorded("vLLM 0.13.0, 0.18.0, 0.24.0, 0.32.0"),
  },
  {
    id: "server-main-memory",
    title: "the container has too little main memory",
    sees: "server crashes: `Cannot allocate memory`, `MemoryError`",
    area: "server",
    patterns: [
      /\[Errno 12\] Cannot allocate memory|^(numpy\.\S*)?MemoryError\b(?!: Not enough space in the data buffer| \(in parse_safetensors)/m,
      /DefaultCPUAllocator: (can't|not enough) (allocate )?memory|std::bad_alloc/i,
      /Available memory on node .* less than (desired CPU memory utilization|requested memory for kv)/is,
    ],
    remedy: `raise the memory limit in \`resources\`${asAWhole}`,
    command: setting("--path resources.limits.memory", "<quantity>"),
    program: "sets the limit from `resources` (8Gi by default)",
    doom: "at-once",
    example: "OSError: [Errno 12] Cannot allocate memory",
    source: recorded("vLLM 0.32.0"),
  },
  {
    id: "server-shared-memory",
    title: "shared memory (/dev/shm) is too small",
    sees: "server crashes: an NCCL error about /dev/shm; `Failed core proc(s): {'EngineCore_DP0': -7}`",
    area: "server",
    exitCodes: [135],
    patterns: [
      /\/dev\/shm/,
      /shared memory segment/i,
      /NCCL (WARN|INFO|error)\b[^\n]*(\bshm|shared memory)/i,
      /Failed core proc\(s\): \{[^}]*: -7\b|\bBus error\b|Unexpected bus error/,
      /\[Errno 28\] No space left on device: '\/?(psm_|torch_|sem\.)|unable to (mmap|allocate shared memory|open shared memory)|shm_open/i,
    ],
    remedy: "raise `sharedMemorySize`",
    command: setting("sharedMemorySize", "<size>"),
    program: "mounts memory of `sharedMemorySize` at /dev/shm (1Gi by default)",
    doom: "at-once",
    example: "NCCL WARN Error while creating shared memory segment /dev/shm/nccl-x (size 9637888)",
    source: recorded("vLLM 0.32.0"),
  },
] as const satisfies readonly Row[];
