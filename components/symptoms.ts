/**
 * What goes wrong, how it looks, and what to do about it: one table for the readiness gate, the policies, the operators' commands and
 * the README. Rows of one area are tried from top to bottom, so the specific row stands above the general one.
 */

/** Where a symptom is seen. */
export type Area =
  | "downloader"
  | "server"
  | "image"
  | "container"
  | "scheduling"
  | "admission"
  | "volume"
  | "route"
  | "rollout"
  | "gateway"
  | "client";

/**
 * Whether a start-up that shows the symptom can still succeed: `at-once` it cannot; `repeated` it cannot once it has come back after a
 * restart or stayed; `never` it is only slow, or shows itself outside a start-up.
 */
export type Doom = "at-once" | "repeated" | "never";

/** One row of the table. */
export interface Symptom {
  id: string;
  /** What it is, in one line. */
  title: string;
  /** What the operator sees. */
  sees: string;
  area: Area;
  /** Texts that show it: a log line, an event's or a condition's message. */
  patterns: readonly RegExp[];
  exitCodes?: readonly number[];
  /** Kubernetes' own reasons that show it. */
  reasons?: readonly string[];
  /** What to do. */
  remedy: string;
  doom: Doom;
  /** A text that this row matches and no other row of its area; rows without one are recognised otherwise. */
  example?: string;
}

/** What is known about a failure. */
export interface Evidence {
  text?: string;
  exitCode?: number;
  reason?: string;
}

/** The table. */
export const symptoms: readonly Symptom[] = [
  // --- the init container that downloads the model ---
  {
    id: "downloader-permission-denied",
    title: "the downloader may not write to the volume",
    sees: "init container: `Permission denied` on the volume",
    area: "downloader",
    exitCodes: [15],
    patterns: [/permission denied/i, /\bEACCES\b/, /\[Errno 13\]/, /read-only file system/i],
    remedy:
      "keep `securityMode` on `anyuid` (the pod runs as user 0), or with `restricted` use a storage class whose volumes honour fsGroup; " +
      "on a claim that another user filled, remove the model's directory",
    doom: "at-once",
    example: "PermissionError: [Errno 13] Permission denied: '/models-cache/Qwen'",
  },
  {
    id: "downloader-offline",
    title: "the downloader is in offline mode",
    sees: "init container: `offline mode is enabled`",
    area: "downloader",
    exitCodes: [12],
    patterns: [/offline mode is enabled/i, /OfflineModeIsEnabled/, /HF_HUB_OFFLINE=1/],
    remedy: 'the init container needs `HF_HUB_OFFLINE: "0"` (the image sets 1); remove what overrides it',
    doom: "at-once",
    example: "OfflineModeIsEnabled: Cannot reach https://hub/api/models/x: offline mode is enabled.",
  },
  {
    id: "downloader-unauthorized",
    title: "the Hub refuses the token for this model",
    sees: "init container: 401 or 403, `gated repo`",
    area: "downloader",
    exitCodes: [10],
    patterns: [
      /\b40[13]\b.*(client error|unauthorized|forbidden)/i,
      /gated ?repo/i,
      /invalid (user|username|token|credentials)/i,
    ],
    remedy:
      "accept the model's licence on its Hub page with the token's account, and set a token that may read it: " +
      "`pulumi config set --secret hfToken`",
    doom: "at-once",
    example: "401 Client Error: Unauthorized for url: https://hub/meta-llama/x",
  },
  {
    id: "downloader-not-found",
    title: "the Hub has no such model or revision",
    sees: "init container: `Repository Not Found`, `Revision Not Found`",
    area: "downloader",
    exitCodes: [11],
    patterns: [/(repository|revision|repo|entry) ?not ?found/i, /\b404\b.*(client error|not found)/i],
    remedy:
      "check `modelId` and `modelRevision` against the Hub; a private model also answers so when the token may not see it",
    doom: "at-once",
    example: "RepositoryNotFoundError: 404 Client Error. Repository Not Found for url: https://hub/api/models/x/y",
  },
  {
    id: "downloader-disk-full",
    title: "the volume is full",
    sees: "init container: `No space left on device`",
    area: "downloader",
    exitCodes: [14],
    patterns: [/no space left on device/i, /\[Errno 28\]/, /disk quota exceeded/i, /not enough (free )?(disk )?space/i],
    remedy: "raise `pvcSize` (on a class that can expand), or remove models that nobody serves from the volume",
    doom: "at-once",
    example: "OSError: [Errno 28] No space left on device",
  },
  {
    id: "downloader-corrupt",
    title: "the downloaded files do not verify",
    sees: "init container: a file's size or hash is not the Hub's",
    area: "downloader",
    exitCodes: [16],
    patterns: [/error: corrupt:/],
    remedy:
      "a proxy or mirror may change the files: check `hfEndpoint` and `httpsProxy`; else remove the model's directory and try again",
    doom: "repeated",
    example: "model-downloader: error: corrupt: model-00002-of-00004.safetensors: sha256 differs",
  },
  {
    id: "downloader-locked",
    title: "another pod is downloading to the same volume",
    sees: "init container: the model's lock is held",
    area: "downloader",
    exitCodes: [18],
    patterns: [/error: locked:/],
    remedy: "wait for the other pod, or delete it: one Deployment per model directory",
    doom: "never",
    example: "model-downloader: error: locked: another downloader works on Qwen/x",
  },
  {
    id: "downloader-usage",
    title: "the downloader was called wrongly",
    sees: "init container: a variable that it needs is missing or malformed",
    area: "downloader",
    exitCodes: [64],
    patterns: [/error: usage:/],
    remedy: "see the line that it wrote: it names the variable",
    doom: "at-once",
    example: "model-downloader: error: usage: MODEL_ID must be set",
  },
  {
    id: "downloader-incomplete",
    title: "an interrupted download was taken for a whole one",
    sees: "init container fetched metadata but no safetensors",
    area: "downloader",
    patterns: [/no (model )?weights (were )?(found|downloaded)/i, /metadata (only|but no safetensors)/i],
    remedy: "verify and resume: restart the pod with `modelVerify: full`, or remove the model's directory",
    doom: "repeated",
    example: "fetched metadata but no safetensors",
  },
  {
    id: "downloader-out-of-memory",
    title: "the downloader ran out of memory",
    sees: "init container: OOMKilled",
    area: "downloader",
    reasons: ["OOMKilled"],
    patterns: [],
    remedy: "raise the memory limit in `downloaderResources`",
    doom: "repeated",
  },
  {
    id: "downloader-network",
    title: "the Hub cannot be reached from the cluster",
    sees: "init container: a DNS, proxy or TLS error",
    area: "downloader",
    exitCodes: [13],
    patterns: [
      /name or service not known|temporary failure in name resolution|nodename nor servname/i,
      /certificate verify failed/i,
      /proxyerror|cannot connect to proxy/i,
      /connection (refused|reset|timed out)|max retries exceeded|network is unreachable/i,
    ],
    remedy:
      "set `httpsProxy` and `noProxy`, `trustedCaConfigMap`, or a mirror in `hfEndpoint`, as the cluster's network asks",
    doom: "repeated",
    example: "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
  },
  {
    id: "downloader-retries-exhausted",
    title: "the download failed again and again",
    sees: "init container: the retries are used up",
    area: "downloader",
    exitCodes: [17],
    patterns: [/error: retries-exhausted:/],
    remedy: "the Hub or the network is unsteady: run the same command again, it resumes where it stopped",
    doom: "repeated",
    example: "model-downloader: error: retries-exhausted: 5 attempts in 600 s",
  },
  {
    id: "downloader-failed",
    title: "the downloader fails",
    sees: "init container: Init:Error, Init:CrashLoopBackOff",
    area: "downloader",
    patterns: [],
    remedy: "read its log",
    doom: "repeated",
  },

  // --- the container that serves the model ---
  {
    id: "server-vllm-port",
    title: "a Service's variables are read as the server's port",
    sees: "server crashes: `VLLM_PORT` parse error",
    area: "server",
    patterns: [/VLLM_PORT\b.*(appears to be a URI|tcp:\/\/|invalid)/is, /invalid literal for int\(\).*tcp:\/\//i],
    remedy: "the pod needs `enableServiceLinks: false`; remove what overrides it",
    doom: "at-once",
    example: "ValueError: VLLM_PORT 'tcp://172.30.1.2:8000' appears to be a URI",
  },
  {
    id: "server-cuda-requirement",
    title: "the GPU, its driver or CUDA is not usable from this image",
    sees: "GPU not visible, `NVIDIA_REQUIRE_CUDA` error",
    area: "server",
    patterns: [
      /NVIDIA_REQUIRE_CUDA/,
      /unsatisfied condition: (cuda|driver|brand)/i,
      /no CUDA GPUs are available/i,
      /failed to infer device type/i,
      /CUDA driver version is insufficient|NVIDIA driver on your system is too old/i,
      /libcuda\.so(\.1)?: cannot open/i,
      /no CUDA-capable device|unsupported display driver/i,
    ],
    remedy:
      "use the RHAIIS image (`image`), not the community one, and a driver of 550 or newer from the GPU operator; " +
      "where the cluster needs one, set `runtimeClassName`",
    doom: "at-once",
    example: "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your driver",
  },
  {
    id: "server-unknown-argument",
    title: "the server does not know one of its arguments",
    sees: "server crashes: `unrecognized arguments`",
    area: "server",
    patterns: [
      /unrecognized arguments?:/i,
      /error: argument -{1,2}[\w-]+.*(invalid|expected)/i,
      /invalid tool call parser/i,
    ],
    remedy: "take the argument that it names out of the stack config, or use an image whose vLLM has it",
    doom: "at-once",
    example: "api_server.py: error: unrecognized arguments: --shutdown-timeout 30",
  },
  {
    id: "server-kv-cache",
    title: "the context does not fit in the GPU's memory",
    sees: "server crashes: `KV cache is needed, which is larger than the available`",
    area: "server",
    patterns: [
      /KV cache (memory )?is needed/i,
      /no available memory for the cache blocks/i,
      /larger than the (available KV cache memory|maximum number of tokens that can be stored in KV cache)/i,
    ],
    remedy:
      "lower `maxModelLen` or `maxNumSeqs`, raise `gpuMemoryUtilization`, or use more GPUs (`tensorParallelSize`)",
    doom: "at-once",
    example:
      "ValueError: To serve at least one request, 1.75 GiB KV cache is needed, which is larger than the available KV cache memory",
  },
  {
    id: "server-out-of-memory",
    title: "the model does not fit in the GPU's memory",
    sees: "server crashes: `CUDA out of memory`",
    area: "server",
    patterns: [
      /CUDA out of memory/i,
      /torch\.(cuda\.)?OutOfMemoryError/,
      /CUDA error: out of memory/i,
      /less than desired GPU memory utilization/i,
    ],
    remedy:
      "use a smaller or more quantised model, a larger GPU, or more of them (`tensorParallelSize`); nobody else may use this GPU",
    doom: "at-once",
    example: "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB",
  },
  {
    id: "server-oom-killed",
    title: "the server used more main memory than its limit",
    sees: "server: OOMKilled, exit code 137",
    area: "server",
    reasons: ["OOMKilled"],
    patterns: [/\boom-?killed\b/i],
    remedy: "raise the memory limit in `resources`",
    doom: "at-once",
    example: "OOMKilled",
  },
  {
    id: "server-context-too-long",
    title: "the context is longer than the model's own",
    sees: "server crashes: `max_model_len … is greater than the derived max_model_len`",
    area: "server",
    patterns: [/max[_ ]model[_ ]len.*greater than the derived/is],
    remedy: "lower `maxModelLen` to the model's `max_position_embeddings`",
    doom: "at-once",
    example: "User-specified max_model_len (65536) is greater than the derived max_model_len (32768)",
  },
  {
    id: "server-shared-memory",
    title: "shared memory is too small for tensor parallelism",
    sees: "server crashes: an NCCL error about /dev/shm",
    area: "server",
    patterns: [/\/dev\/shm/, /shared memory segment/i, /NCCL.*(shm|shared memory)/i],
    remedy: "raise `sharedMemorySize`",
    doom: "at-once",
    example: "NCCL WARN Error while creating shared memory segment /dev/shm/nccl-x (size 9637888)",
  },
  {
    id: "server-model-incomplete",
    title: "the model on the volume is not whole",
    sees: "server crashes: a missing or truncated file of the model",
    area: "server",
    patterns: [
      /does not appear to have a file named/i,
      /cannot find any model weights/i,
      /MetadataIncompleteBuffer|HeaderTooLarge|InvalidHeaderDeserialization|SafetensorError/,
      /HFValidationError/,
    ],
    remedy: "remove the model's directory on the volume and start again; `modelVerify: full` checks every byte",
    doom: "at-once",
    example: "safetensors_rust.SafetensorError: Error while deserializing header: MetadataIncompleteBuffer",
  },
  {
    id: "server-startup-too-slow",
    title: "the server did not answer before its startup probe gave up",
    sees: "pod stuck `0/1 Running`, then `failed startup probe, will be restarted`",
    area: "server",
    patterns: [/failed startup probe, will be restarted/i],
    remedy: "raise `startupProbe` (it allows 12 min by default); the server's log shows how far loading came",
    doom: "at-once",
    example: "Container server failed startup probe, will be restarted",
  },
  {
    id: "server-crash-loop",
    title: "the server crashes",
    sees: "server: CrashLoopBackOff",
    area: "server",
    patterns: [],
    remedy: "read its log",
    doom: "repeated",
  },
  {
    id: "server-still-loading",
    title: "the server is still loading the model",
    sees: "pod stuck `0/1 Running`",
    area: "server",
    patterns: [],
    remedy: "wait: the startup probe allows 12 min; see the server's log",
    doom: "never",
  },

  // --- images ---
  {
    id: "image-name-invalid",
    title: "the image's name is malformed",
    sees: "InvalidImageName",
    area: "image",
    reasons: ["InvalidImageName"],
    patterns: [/invalid reference format|couldn't parse image/i],
    remedy: "set `image` to a name such as registry/repository:tag or …@sha256:…",
    doom: "at-once",
    example: 'Failed to apply default image tag "registry//x": couldn\'t parse image name: invalid reference format',
  },
  {
    id: "image-credentials",
    title: "the registry refuses the credentials",
    sees: "ErrImagePull: unauthorized",
    area: "image",
    patterns: [
      /unauthorized/i,
      /authentication required/i,
      /access .*denied|denied:/i,
      /no basic auth credentials/i,
      /\b40[13]\b/,
    ],
    remedy:
      "put a pull secret for the registry into the namespace and set `imagePullSecret` to its name " +
      "(registry.redhat.io needs a Red Hat account)",
    doom: "at-once",
    example: "unable to retrieve auth token: invalid username/password: unauthorized",
  },
  {
    id: "image-not-found",
    title: "the registry has no such image",
    sees: "ErrImagePull: not found, manifest unknown",
    area: "image",
    reasons: ["ErrImageNeverPull"],
    patterns: [/manifest unknown/i, /name unknown/i, /not found/i, /does not exist/i],
    remedy: "correct `image` (name, tag or digest)",
    doom: "at-once",
    example: "reading manifest 9.9 in registry/x: manifest unknown",
  },
  {
    id: "image-registry-unreachable",
    title: "the registry cannot be reached from the node",
    sees: "ErrImagePull: a time-out, a DNS or a TLS error",
    area: "image",
    reasons: ["RegistryUnavailable"],
    patterns: [
      /time-?out|deadline exceeded/i,
      /no such host|connection (refused|reset)/i,
      /x509|tls/i,
      /\b(429|50[0234])\b|toomanyrequests/i,
      /\bEOF\b/,
    ],
    remedy:
      "check that the node reaches the registry (proxy, mirror, certificate), or use an image from one that it reaches",
    doom: "repeated",
    example: "dial tcp 203.0.113.7:443: i/o timeout",
  },
  {
    id: "image-pull",
    title: "the image cannot be pulled",
    sees: "ErrImagePull, ImagePullBackOff",
    area: "image",
    reasons: ["ErrImagePull", "ImagePullBackOff", "SignatureValidationFailed", "ImageInspectError"],
    patterns: [],
    remedy: "check `image` and `imagePullSecret`",
    doom: "repeated",
  },

  // --- containers that the kubelet cannot start ---
  {
    id: "runtime-handler",
    title: "the node has no such container runtime",
    sees: "`failed to find runtime handler nvidia`",
    area: "container",
    patterns: [/failed to find runtime handler/i, /no runtime for "[^"]+" is configured/i, /unknown runtime handler/i],
    remedy: "leave `runtimeClassName` unset on this cluster",
    doom: "at-once",
    example: "Failed to create pod sandbox: failed to find runtime handler nvidia from runtime list map",
  },
  {
    id: "missing-secret",
    title: "a Secret that the pod needs is missing",
    sees: "CreateContainerConfigError: secret not found",
    area: "container",
    patterns: [/secrets? "[^"]+" not found/i, /couldn't find key \S+ in Secret/i],
    remedy: "somebody has removed it: `pulumi refresh`, then `pulumi up` writes it again",
    doom: "at-once",
    example: 'secret "vllm-hf-token" not found',
  },
  {
    id: "missing-config-map",
    title: "a ConfigMap that the pod needs is missing",
    sees: "CreateContainerConfigError: configmap not found",
    area: "container",
    patterns: [
      /configmaps? "[^"]+" not found/i,
      /couldn't find key \S+ in ConfigMap/i,
      /references non-existent config key/i,
    ],
    remedy:
      "if it is `trustedCaConfigMap`, create it or correct the name; else `pulumi refresh`, then `pulumi up` writes it again",
    doom: "at-once",
    example: 'configmap "vllm-downloader" not found',
  },
  {
    id: "root-refused",
    title: "the image runs as root and the pod may not",
    sees: "CreateContainerConfigError: runAsNonRoot",
    area: "container",
    patterns: [/runAsNonRoot/],
    remedy: "use an image that sets a numeric user, or `securityMode` `anyuid`",
    doom: "at-once",
    example: "container has runAsNonRoot and image will run as root",
  },
  {
    id: "container-gpu-requirement",
    title: "the GPU's driver does not satisfy the image",
    sees: "RunContainerError: `unsatisfied condition: cuda>=…`",
    area: "container",
    patterns: [/NVIDIA_REQUIRE_CUDA/, /nvidia-container-cli/i, /unsatisfied condition: (cuda|driver|brand)/i],
    remedy: "use the RHAIIS image (`image`), not the community one, and a driver of 550 or newer from the GPU operator",
    doom: "at-once",
    example: "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8",
  },
  {
    id: "command-not-found",
    title: "the image lacks the program that it is to run",
    sees: "RunContainerError: executable file not found",
    area: "container",
    patterns: [/executable file .*not found/i, /exec: "[^"]+"/, /no such file or directory/i],
    remedy: "`image` is not a vLLM image with Python: correct it",
    doom: "at-once",
    example: 'exec: "python3": executable file not found in $PATH',
  },
  {
    id: "container-start",
    title: "the container cannot be started",
    sees: "CreateContainerConfigError, CreateContainerError, RunContainerError",
    area: "container",
    reasons: [
      "CreateContainerConfigError",
      "CreateContainerError",
      "RunContainerError",
      "StartError",
      "ContainerCannotRun",
      "PostStartHookError",
      "PreStartHookError",
    ],
    patterns: [],
    remedy: "see the message",
    doom: "repeated",
  },

  // --- scheduling ---
  {
    id: "no-gpu-free",
    title: "no GPU is free",
    sees: "pod Pending: `Insufficient nvidia.com/gpu`",
    area: "scheduling",
    patterns: [/insufficient nvidia\.com\//i],
    remedy:
      "free a GPU (`kubectl get pods -A -o wide` shows who runs on the node), add a GPU node, or lower `tensorParallelSize`; " +
      "if the GPU node has a taint of its own, add it to `tolerations`",
    doom: "repeated",
    example: "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.",
  },
  {
    id: "scheduling-volume",
    title: "no node can reach the claim's volume",
    sees: "pod Pending: no volume to bind, or the volume is in another zone",
    area: "scheduling",
    patterns: [
      /didn't find available persistent volumes to bind/i,
      /volume node affinity conflict/i,
      /unbound immediate PersistentVolumeClaims/i,
      /persistentvolumeclaim "[^"]+" not found/i,
      /claim "?[^"]+"? is being deleted|persistentvolumeclaim "[^"]+" is being deleted/i,
      /did not have enough free storage/i,
      /storageclass\S* "[^"]+" not found/i,
    ],
    remedy:
      "set `storageClassName` to a class that provisions volumes where the GPU nodes are (`kubectl get storageclass`)",
    doom: "repeated",
    example: "0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind.",
  },
  {
    id: "node-selector",
    title: "no node matches the node selector",
    sees: "pod Pending: `didn't match Pod's node affinity/selector`",
    area: "scheduling",
    patterns: [/didn't match Pod's node affinity\/selector/i],
    remedy: "correct `nodeSelector` (`kubectl get nodes --show-labels`)",
    doom: "repeated",
    example: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
  },
  {
    id: "node-taint",
    title: "the nodes have a taint that the pod does not tolerate",
    sees: "pod Pending: `untolerated taint`",
    area: "scheduling",
    // Kubernetes 1.34 writes `untolerated taint(s)` and does not name them.
    patterns: [/untolerated taint/i],
    remedy:
      "add the taint to `tolerations` (`kubectl get nodes -o custom-columns=NODE:.metadata.name,TAINTS:.spec.taints`)",
    doom: "repeated",
    example: "0/1 nodes are available: 1 node(s) had untolerated taint {team: ml}.",
  },
  {
    id: "no-gpu-node",
    title: "the cluster has no node with a GPU",
    sees: "pod Pending; no node lists `nvidia.com/gpu`",
    area: "scheduling",
    patterns: [],
    remedy:
      "add a GPU node; if there is one, the GPU operator has not finished on it (`kubectl get pods -n nvidia-gpu-operator`)",
    doom: "repeated",
  },
  {
    id: "node-too-small",
    title: "no node has that many GPUs",
    sees: "pod Pending; the largest GPU node has fewer GPUs than `tensorParallelSize`",
    area: "scheduling",
    patterns: [],
    remedy: "lower `tensorParallelSize` to the GPUs of one node, or add a larger node",
    doom: "repeated",
  },
  {
    id: "node-cordoned",
    title: "the GPU nodes are cordoned",
    sees: "pod Pending: `node(s) were unschedulable`",
    area: "scheduling",
    patterns: [/node\(s\) were unschedulable/i],
    remedy: "somebody keeps pods off them, often for maintenance: wait, or `kubectl uncordon`",
    doom: "repeated",
    example: "0/1 nodes are available: 1 node(s) were unschedulable.",
  },
  {
    id: "insufficient-resources",
    title: "no node has the CPU, memory or disk free",
    sees: "pod Pending: `Insufficient cpu`, `Insufficient memory`",
    area: "scheduling",
    patterns: [/insufficient (cpu|memory|ephemeral-storage|pods)|too many pods/i],
    remedy: "lower the requests in `resources` and `downloaderResources`, or free a node",
    doom: "repeated",
    example: "0/1 nodes are available: 1 Insufficient memory.",
  },
  {
    id: "unschedulable",
    title: "no node takes the pod",
    sees: "pod Pending: Unschedulable",
    area: "scheduling",
    reasons: ["Unschedulable"],
    patterns: [],
    remedy: "see the scheduler's message",
    doom: "repeated",
  },

  // --- pods that the cluster refuses to create ---
  {
    id: "scc-refused",
    title: "the ServiceAccount may not use the anyuid SCC",
    sees: "no pod: `unable to validate against any security context constraint`",
    area: "admission",
    patterns: [/security context constraint/i, /securitycontextconstraints/i, /\bSCC\b/],
    remedy:
      "ask a cluster admin to grant it (`oc adm policy add-scc-to-user anyuid -z vllm-sa`), or set `securityMode` to `restricted`, " +
      "which needs no SCC",
    doom: "at-once",
    example:
      "pods is forbidden: unable to validate against any security context constraint: [provider restricted-v2: ...]",
  },
  {
    id: "quota-exceeded",
    title: "a ResourceQuota is used up",
    sees: "no pod: `exceeded quota`",
    area: "admission",
    patterns: [/exceeded quota/i, /failed quota/i],
    remedy: "raise the namespace's ResourceQuota or lower `resources` (`kubectl describe resourcequota`)",
    doom: "repeated",
    example: "pods is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used: 1, limited: 1",
  },
  {
    id: "pod-security",
    title: "Pod Security forbids the pod",
    sees: 'no pod: `violates PodSecurity "restricted"`',
    area: "admission",
    patterns: [/violates PodSecurity/i],
    remedy: "set `securityMode` to `restricted`, or ask for a namespace whose Pod Security level admits user 0",
    doom: "at-once",
    example: 'pods is forbidden: violates PodSecurity "restricted:latest": runAsUser=0',
  },
  {
    id: "runtime-class-missing",
    title: "the cluster has no such RuntimeClass",
    sees: 'no pod: `RuntimeClass "nvidia" not found`',
    area: "admission",
    patterns: [/runtimeclass(es\S*)? "?[^"]*"? not found/i],
    remedy: "leave `runtimeClassName` unset on this cluster, or name one that `kubectl get runtimeclass` shows",
    doom: "at-once",
    example: 'pods is forbidden: pod rejected: RuntimeClass "nvidia" not found',
  },
  {
    id: "service-account-missing",
    title: "the pod's ServiceAccount is missing",
    sees: "no pod: `error looking up service account`",
    area: "admission",
    patterns: [/error looking up service account/i],
    remedy: "somebody has removed it: `pulumi refresh`, then `pulumi up` writes it again",
    doom: "repeated",
    example: 'pods is forbidden: error looking up service account x/vllm-sa: serviceaccount "vllm-sa" not found',
  },
  {
    id: "limit-range",
    title: "a LimitRange forbids the pod's resources",
    sees: "no pod: `maximum memory usage per Container`",
    area: "admission",
    patterns: [/(maximum|minimum) \S+ usage per (container|pod)/i],
    remedy:
      "set `resources` and `downloaderResources` within the namespace's LimitRange (`kubectl describe limitrange`)",
    doom: "at-once",
    example: "pods is forbidden: maximum memory usage per Container is 4Gi, but limit is 8Gi",
  },
  {
    id: "admission-refused",
    title: "the cluster refuses the pod",
    sees: "no pod: ReplicaFailure, FailedCreate",
    area: "admission",
    reasons: ["FailedCreate"],
    patterns: [],
    remedy: "see the message: an admission webhook or policy of the cluster",
    doom: "repeated",
  },

  // --- volumes ---
  {
    id: "storage-class-missing",
    title: "the cluster has no such StorageClass",
    sees: "claim Pending: `storageclass not found`",
    area: "volume",
    patterns: [/storageclass\S* "[^"]+" not found/i],
    remedy: "set `storageClassName` to one that `kubectl get storageclass` shows",
    doom: "at-once",
    example: 'storageclass.storage.k8s.io "gp9" not found',
  },
  {
    id: "claim-unbindable",
    title: "no volume fits the claim",
    sees: "claim Pending: `no persistent volumes available for this claim`",
    area: "volume",
    reasons: ["FailedBinding"],
    patterns: [/no persistent volumes available/i],
    remedy:
      "set `storageClassName` (the cluster has no default class that provisions), or create a volume that fits `pvcSize`",
    doom: "repeated",
    example: "no persistent volumes available for this claim and no storage class is set",
  },
  {
    id: "claim-provisioning",
    title: "the claim's volume cannot be provisioned",
    sees: "claim Pending: ProvisioningFailed",
    area: "volume",
    reasons: ["ProvisioningFailed"],
    patterns: [/failed to provision volume/i],
    remedy: "see the provisioner's message; a smaller `pvcSize` or another `storageClassName` may do",
    doom: "repeated",
    example: 'failed to provision volume with StorageClass "gp3-csi": rpc error: code = ResourceExhausted',
  },
  {
    id: "claim-lost",
    title: "the claim has lost its volume",
    sees: "claim Lost",
    area: "volume",
    reasons: ["ClaimLost", "Lost"],
    patterns: [],
    remedy:
      "the volume was deleted under it: delete the claim and run `pulumi refresh`, then `pulumi up`; the model is downloaded again",
    doom: "at-once",
  },
  {
    id: "volume-attach",
    title: "the volume is still attached to another node",
    sees: "pod ContainerCreating: `Multi-Attach error`",
    area: "volume",
    reasons: ["FailedAttachVolume"],
    patterns: [/multi-attach error/i],
    remedy: "the node of the old pod must let go of it; if that node is dead, delete its VolumeAttachment",
    doom: "never",
    example: 'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) vllm-old',
  },

  // --- the Route ---
  {
    id: "route-host-claimed",
    title: "the Route's host belongs to another Route",
    sees: "Route rejected: HostAlreadyClaimed",
    area: "route",
    reasons: ["HostAlreadyClaimed"],
    patterns: [/already (exposes|claim)/i],
    remedy: "set another `routeHost`, leave it unset for a generated one, or delete the Route that holds it",
    doom: "at-once",
    example: "route vllm already exposes vllm.example.com and is older",
  },
  {
    id: "route-not-admitted",
    title: "no router has taken up the Route",
    sees: "Route without status",
    area: "route",
    patterns: [/no router has answered/],
    remedy: "check that an ingress controller selects this namespace's Routes, or set `routeEnabled` to false",
    doom: "never",
    example: "no router has answered",
  },
  {
    id: "route-rejected",
    title: "the router rejects the Route",
    sees: "Route rejected: Admitted is False",
    area: "route",
    patterns: [],
    remedy: "see the router's message; `routeHost` must be one that this cluster's router serves",
    doom: "at-once",
  },

  // --- the rollout as a whole ---
  {
    id: "deployment-gone",
    title: "the Deployment is gone or another one has taken its place",
    sees: "the uid that was written is not the live one",
    area: "rollout",
    patterns: [],
    remedy: "somebody has deleted it meanwhile: `pulumi refresh`, then `pulumi up`",
    doom: "repeated",
  },
  {
    id: "deployment-paused",
    title: "the Deployment's rollout is paused",
    sees: "`spec.paused` is true",
    area: "rollout",
    patterns: [],
    remedy: "`kubectl rollout resume deployment`",
    doom: "repeated",
  },
  {
    id: "deployment-scaled-down",
    title: "the Deployment is scaled to zero",
    sees: "`spec.replicas` is 0",
    area: "rollout",
    patterns: [],
    remedy: "somebody has scaled it down: `pulumi refresh`, then `pulumi up`",
    doom: "repeated",
  },
  {
    id: "pod-evicted",
    title: "the node keeps throwing the pod out",
    sees: "pods Failed: Evicted, UnexpectedAdmissionError",
    area: "rollout",
    reasons: [
      "Evicted",
      "UnexpectedAdmissionError",
      "NodeAffinity",
      "OutOfcpu",
      "OutOfmemory",
      "OutOfnvidia.com/gpu",
      "Preempting",
      "Shutdown",
      "NodeShutdown",
      "Terminated",
    ],
    patterns: [],
    remedy: "see the node's message: its disk or memory is full, or its GPU is not healthy",
    doom: "repeated",
  },
  {
    id: "old-pod-stuck",
    title: "the old pod does not end",
    sees: "the old pod stays Terminating",
    area: "rollout",
    patterns: [],
    remedy: "if its node is dead, delete the pod with `--grace-period=0 --force`",
    doom: "never",
  },
  {
    id: "too-slow",
    title: "the start-up takes longer than its limit",
    sees: "a phase reaches its limit",
    area: "rollout",
    patterns: [],
    remedy: "if it is only slow, run `pulumi up` again: it goes on waiting; else see what the phase waits for",
    doom: "never",
  },

  // --- seen outside a start-up ---
  {
    id: "model-name-is-path",
    title: "the model's name is its path",
    sees: "`/v1/models` returns a local path",
    area: "client",
    patterns: [/"id":\s*"\/[^"]+"/],
    remedy: "the server needs `--served-model-name` with the model id: remove what overrides it",
    doom: "never",
    example: '{"data":[{"id": "/models-cache/Qwen/Qwen2.5-7B-Instruct-AWQ"}]}',
  },
  {
    id: "route-answers-503",
    title: "no ready pod stands behind the Route",
    sees: "Route answers 503",
    area: "client",
    patterns: [/\b503\b|application is not available/i],
    remedy: "the pod is not ready: see its phase and its log",
    doom: "never",
    example: "HTTP/1.1 503 Service Unavailable",
  },
  {
    id: "wrong-tool-parser",
    title: "the tool-call parser is not the model's",
    sees: "model invents XML tags instead of tool calls",
    area: "client",
    patterns: [/<\/?(tool_call|function_call|tools?|function=)/i],
    remedy: "set `toolCallParser` to the model's parser",
    doom: "never",
    example: "<tool_call>{}</tool_call>",
  },
  {
    id: "tool-calls-unreliable",
    title: "a small model calls tools only sometimes",
    sees: "tool calls only sometimes with `tool_choice: auto`",
    area: "client",
    patterns: [],
    remedy: "a 7B model's limit: `any` / `required` is reliable, a 32B model much better",
    doom: "never",
  },
  {
    id: "tool-calls-as-text",
    title: "the gateway drops the tools",
    sees: "tool calls come back as raw JSON text",
    area: "gateway",
    patterns: [],
    remedy: "LiteLLM's registration must not set `drop_params` and must set `supports_function_calling: true`",
    doom: "never",
  },
];

/** The row with this id; an unknown id is a mistake in the program. */
export function symptom(id: string): Symptom {
  const row = symptoms.find((candidate) => candidate.id === id);
  if (!row) throw new Error(`no symptom '${id}'`);
  return row;
}

/** Whether this row fits what is known. */
export function matches(row: Symptom, evidence: Evidence): boolean {
  const { text, exitCode, reason } = evidence;
  return (
    (exitCode !== undefined && (row.exitCodes?.includes(exitCode) ?? false)) ||
    (reason !== undefined && (row.reasons?.includes(reason) ?? false)) ||
    (text !== undefined && row.patterns.some((pattern) => pattern.test(text)))
  );
}

/** The first row of an area that fits: an exit code that a row names beats every text, a text beats a reason. */
export function findSymptom(area: Area, evidence: Evidence): Symptom | undefined {
  const rows = symptoms.filter((row) => row.area === area);
  const by = (part: Evidence): Symptom | undefined => rows.find((row) => matches(row, part));
  const { text, exitCode, reason } = evidence;
  return (
    (exitCode === undefined ? undefined : by({ exitCode })) ??
    (text === undefined ? undefined : by({ text })) ??
    (reason === undefined ? undefined : by({ reason }))
  );
}
