import { firstLineOfSwitch } from "../../args/lineFacts";
import { at, inFlashInfer, inLinux, inPython, inTorch, inTransformers, inVllm } from "../sources";
import { recorded, reported, type Row, setting } from "../symptom";

/** What the container's surroundings refuse the server: disk, rights, compiler, port, user. */
export const serverSystemSymptoms = [
  {
    id: "server-disk-full",
    title: "a disk that the server writes to is full",
    sees: "server crashes: `No space left on device`",
    area: "server",
    patterns: [/\[Errno 28\]|No space left on device|os error 28/i],
    remedy:
      "raise `pvcSize` (on a class that can expand) or remove models that nobody serves from the volume; a path outside it lies on the node's own disk",
    mend: (text) => {
      const [, path] = /No space left on device[^\n]*?: '([^']+)'/.exec(text) ?? [];
      return (
        path &&
        `make room where ${path} lies: on the claim raise \`pvcSize\` or remove what nobody uses; outside it, it is the node's own disk`
      );
    },
    command: setting("pvcSize", "<size>"),
    program: "keeps caches on the claim, and compares `pvcSize` with the model's weights at preview",
    doom: "at-once",
    example:
      "OSError: [Errno 28] No space left on device: '/models-cache/.vllm-cache/torch_compile_cache/ab12/rank_0_0'",
    source: recorded("vLLM 0.24.0, 0.32.0"),
  },
  {
    id: "server-quota",
    title: "the volume's quota is used up",
    sees: "server crashes: `Disk quota exceeded`",
    area: "server",
    patterns: [/\[Errno 122\]|Disk quota exceeded|os error 122/i],
    remedy:
      "raise the quota of the storage (NFS, CephFS and others count per directory or user), or remove what nobody uses from the volume",
    command: setting("pvcSize", "<size>"),
    program: "shows the path that was written to, where the line names it",
    doom: "at-once",
    example: "OSError: [Errno 122] Disk quota exceeded",
    source: recorded("vLLM 0.24.0, 0.32.0"),
  },
  {
    id: "server-read-only",
    title: "the server writes where nothing may be written",
    sees: "server crashes: `Read-only file system`",
    area: "server",
    patterns: [/\[Errno 30\]|Read-only file system|os error 30/i],
    remedy:
      "the path that the line names must be writable: the claim mounted without `readOnly`, caches and HOME on it or on an emptyDir; a volume may also " +
      "have become read-only after an I/O error",
    command: "kubectl describe pod {pod} -n {namespace}",
    program: "puts caches and HOME on writable volumes with `restricted`",
    doom: "at-once",
    example: "OSError: [Errno 30] Read-only file system: '/opt/app-root/src/.cache'",
    source: recorded("vLLM 0.24.0, 0.32.0"),
  },
  {
    id: "server-permission-denied",
    title: "the server may not read or write a path",
    sees: "server crashes: `Permission denied` on the volume or on a cache",
    area: "server",
    patterns: [/\[Errno (13|1)\]|Permission denied \(os error 13\)/i],
    remedy:
      "on the claim, keep `securityMode` on `anyuid` or use a class whose volumes honour fsGroup; elsewhere the path must be writable for the pod's user (HOME and caches)",
    mend: (text) => {
      const [, path] = /(?:Permission denied|not permitted): '([^']+)'/.exec(text) ?? [];
      return (
        path &&
        `${path} must be open to the pod's user: on the claim keep \`securityMode\` on \`anyuid\` or use a class whose volumes honour fsGroup; elsewhere point HOME and the caches at a writable volume`
      );
    },
    command: setting("securityMode", "anyuid"),
    program: "runs as user 0 with `anyuid`; puts caches and HOME on writable volumes with `restricted`",
    doom: "at-once",
    example: "PermissionError: [Errno 13] Permission denied: '/.cache'",
    source: recorded("vLLM 0.32.0"),
  },
  {
    id: "server-volume-error",
    title: "the volume does not give what is on it",
    sees: "server crashes: `Input/output error`, `Stale file handle`",
    area: "server",
    patterns: [/\[Errno (5|116)\]|Input\/output error|Stale (NFS )?file handle|Transport endpoint is not connected/i],
    remedy:
      "look after the storage behind the claim: its server, its mount on this node; the model's files may have to be fetched again (`redownload`)",
    command: "kubectl describe pvc {claim} -n {namespace}",
    program: "gives it a second try",
    doom: "repeated",
    example: "OSError: [Errno 5] Input/output error",
    source: reported(inLinux("errno.3")),
  },
  {
    id: "server-no-compiler",
    title: "the image lacks a compiler that the server wants",
    sees: "server crashes: `Failed to find C compiler`, `Could not find nvcc`",
    area: "server",
    patterns: [
      /Failed to find C compiler|Could not find (`?nvcc`?|a working C)|nvcc[^\n]*(not found|doesn't exist|No such file)/i,
      /CUDA_HOME environment variable is not set|Ninja is required|No such file or directory: '(\S*\/)?(nvcc|ninja|gcc|g\+\+|cc|c\+\+|ptxas)'/i,
      /fatal error: (Python|cuda\w*)\.h: No such file|cannot find -lcuda\b|Cannot find ptxas|Error building extension/i,
    ],
    remedy:
      "set `enforceEager` to true, which compiles nothing; where a kernel itself is compiled at run time (FlashInfer, DeepGEMM), use an image that has nvcc, or switch that kernel off",
    command: setting("enforceEager", "true"),
    program: "sets `enforceEager` by default",
    doom: "at-once",
    example:
      "torch._inductor.exc.InductorError: RuntimeError: Failed to find C compiler. Please specify via CC environment variable.",
    source: reported(
      at(
        "Triton 3.5.1, python/triton/runtime/build.py",
        "https://github.com/triton-lang/triton/blob/v3.5.1/python/triton/runtime/build.py",
      ),
      inFlashInfer("flashinfer/jit/cpp_ext.py"),
      inTorch("torch/utils/cpp_extension.py"),
    ),
  },
  {
    id: "server-address-in-use",
    title: "the server's port is taken",
    sees: "server crashes: `Address already in use`",
    area: "server",
    patterns: [/\[Errno 98\]|Address already in use|EADDRINUSE/i],
    remedy: "take away what sets another port or the host's network in the pod; an old process may just be going",
    command: "kubectl describe pod {pod} -n {namespace}",
    program: "runs one server per pod, without the host's network; gives it a second try",
    doom: "repeated",
    example: "OSError: [Errno 98] Address already in use",
    source: recorded("vLLM 0.13.0, 0.18.0, 0.24.0, 0.32.0"),
  },
  {
    id: "server-user-unknown",
    title: "the pod's user has no name in the image",
    sees: "server crashes: `getpwuid(): uid not found`",
    area: "server",
    patterns: [/getpwuid\(\): uid not found|No username set in the environment/i],
    remedy:
      "set `securityMode` to `restricted`, which gives the server USER and HOME, or to `anyuid`, which runs it as user 0",
    command: setting("securityMode", "anyuid"),
    program: "sets USER and HOME with `restricted`, user 0 with `anyuid`",
    doom: "at-once",
    example: "KeyError: 'getpwuid(): uid not found: 1000660000'",
    source: recorded("vLLM 0.24.0"),
  },
  {
    id: "server-hub-unreachable",
    title: "the server asks the Hub, and does not reach it",
    sees: "server crashes: `We couldn't connect to 'https://huggingface.co'`",
    area: "server",
    patterns: [
      /We couldn't connect to '|LocalEntryNotFoundError|OfflineModeIsEnabled|offline mode is enabled/i,
      /Max retries exceeded with url|Temporary failure in name resolution|Name or service not known/i,
      /HarmonyError: error downloading|error downloading or loading vocab/i,
    ],
    remedy:
      "the model on the volume lacks a file that the server looks for at the Hub: start again with `redownload`; what is no part of the model (a tokenizer's vocabulary, an adapter) must be on the volume too",
    command: "npm run ops -- redownload --stack {stack}",
    program: "gives the server a local path, and verifies the model's files before",
    doom: "repeated",
    example:
      "OSError: We couldn't connect to 'https://huggingface.co' to load the files, and couldn't find them in the cached files.",
    source: reported(
      inTransformers("src/transformers/utils/hub.py"),
      at("openai-harmony 0.0.8", "https://github.com/openai/harmony/tree/v0.0.8/src"),
    ),
  },
  {
    id: "server-missing-module",
    title: "the image lacks a Python package that the model or an argument needs",
    sees: "server crashes: `No module named …`, `please install`",
    area: "server",
    patterns: [
      /ModuleNotFoundError: No module named|requires the following packages|(Please|please) (pip )?install [`'"\w]|is not installed\. (Please|Install)/,
    ],
    remedy: "use an image that has it, or take away the argument that asks for it; the line names the package",
    command: setting("image", "<image>"),
    program: "uses the RHAIIS image by default, as it is",
    doom: "at-once",
    example: "ModuleNotFoundError: No module named 'mistral_common'",
    source: reported(
      inPython("library/exceptions.html#ModuleNotFoundError"),
      inTransformers("src/transformers/dynamic_module_utils.py"),
    ),
  },
  {
    id: "server-process-limit",
    title: "the container may not start more threads or open more files",
    sees: "server crashes: `can't start new thread`, `Too many open files`",
    area: "server",
    patterns: [
      /can't start new thread|Resource temporarily unavailable|pthread_create failed|\[Errno (24|11)\]|Too many open files/i,
    ],
    remedy:
      "have the node's admin raise the limit of processes per pod (`podPidsLimit`) or of open files, or set OMP_NUM_THREADS lower",
    command: "kubectl describe pod {pod} -n {namespace}",
    program: "gives it a second try",
    doom: "repeated",
    example: "RuntimeError: can't start new thread",
    source: reported(inPython("library/threading.html"), inLinux("errno.3")),
  },
  {
    id: "server-engine-timeout",
    title: "the engine took longer to load than the server waits for it",
    sees: "server crashes: `Timed out waiting for engine core processes to start`",
    area: "server",
    patterns: [/Timed out waiting for (engine|engines)|Did not receive response from front-end process within/],
    remedy:
      `raise VLLM_ENGINE_READY_TIMEOUT_S in \`env\` (images know it from line ${firstLineOfSwitch("VLLM_ENGINE_READY_TIMEOUT_S")} on), ` +
      "and `startupProbe` with it; a faster storage class loads sooner",
    command: setting("--path startupProbe.failureThreshold", "<number>"),
    program: "gives the start 12 min, and shows how far loading has come",
    doom: "repeated",
    example: "TimeoutError: Timed out waiting for engine core processes to start. Waited 600s",
    source: reported(inVllm("vllm/v1/engine/core_client.py")),
  },
  {
    id: "server-native-crash",
    title: "the server crashed in native code",
    sees: "server crashes: `Segmentation fault`, exit code 139",
    area: "server",
    exitCodes: [132, 134, 139],
    patterns: [
      /Fatal Python error: |Segfault encountered|Segmentation fault|terminate called after throwing/,
      /Failed core proc\(s\): \{[^}]*: -(4|6|8|11)\b/,
    ],
    remedy:
      "use another version of the image; if it stays, another node, and report it to vLLM with the log's last lines",
    command: setting("image", "<image>"),
    program: "gives it a second try",
    doom: "repeated",
    vague: true,
    example: "Fatal Python error: Segmentation fault",
    source: reported(inPython("library/faulthandler.html"), inLinux("signal.7")),
  },
] as const satisfies readonly Row[];
