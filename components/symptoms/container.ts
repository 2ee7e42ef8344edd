import { driverOf } from "../args/lineFacts";
import { at, inContainerd, inCrio, inCrun, inKubernetes, inLinux, inToolkit, libnvidiaContainer } from "./sources";
import { recorded, reported, type Row, setting, unsetting } from "./symptom";

/** What keeps the kubelet from starting a container. */
export const containerSymptoms = [
  {
    id: "runtime-handler",
    title: "the node has no such container runtime",
    sees: "`failed to find runtime handler nvidia`",
    area: "container",
    patterns: [/failed to find runtime handler/i, /no runtime for "[^"]+" is configured/i, /unknown runtime handler/i],
    remedy: "leave `runtimeClassName` unset on this cluster",
    command: unsetting("runtimeClassName"),
    program: "leaves `runtimeClassName` unset by default",
    doom: "at-once",
    example: "rpc error: code = Unknown desc = failed to find runtime handler nvidia from runtime list map",
    source: reported(inCrio("internal/oci/oci.go"), inContainerd("pkg/cri/sbserver/sandbox_run.go")),
  },
  {
    id: "missing-secret",
    title: "a Secret that the pod needs is missing",
    sees: "CreateContainerConfigError: secret not found",
    area: "container",
    patterns: [/secrets? "[^"]+" not found/i, /couldn't find key \S+ in Secret/i],
    remedy: "somebody has removed it: `pulumi refresh`, then `pulumi up` writes it again",
    command: "pulumi up --refresh --stack {stack}",
    program: "makes the Secrets before the Deployment; `doctor` finds that one is gone",
    doom: "at-once",
    example: 'secret "vllm-hf-token" not found',
    source: recorded("Kubernetes 1.34.2 and containerd 1.6.20, a kubelet"),
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
    command: "pulumi up --refresh --stack {stack}",
    program: "makes its own before the Deployment; `doctor` finds that one is gone",
    doom: "at-once",
    example: 'configmap "vllm-downloader" not found',
    source: reported(inKubernetes("pkg/kubelet/kubelet_pods.go"), inKubernetes("pkg/volume/configmap/configmap.go")),
  },
  {
    id: "root-refused",
    title: "the image runs as root and the pod may not",
    sees: "CreateContainerConfigError: runAsNonRoot",
    area: "container",
    patterns: [/runAsNonRoot/],
    remedy: "use an image that sets a numeric user, or `securityMode` `anyuid`",
    command: setting("securityMode", "anyuid"),
    program: "sets user 0 with `anyuid`; only `restricted` leaves the user to the image and the namespace",
    doom: "at-once",
    example: "container has runAsNonRoot and image will run as root",
    source: reported(inKubernetes("pkg/kubelet/kuberuntime/security_context_others.go")),
  },
  {
    id: "container-gpu-requirement",
    title: "the GPU's driver does not satisfy the image",
    sees: "RunContainerError: `unsatisfied condition: cuda>=…`",
    area: "container",
    patterns: [
      /NVIDIA_REQUIRE_CUDA/,
      /nvidia-container-cli: requirement error/i,
      /unsatisfied condition: (cuda|driver|brand)/i,
    ],
    remedy: `use the RHAIIS image (\`image\`), not the community one, and ${driverOf.anyLine}`,
    command: "npm run ops -- cuda-probe --stack {stack}",
    program: "uses the RHAIIS image by default; `cuda-probe` tries image and GPU together",
    doom: "at-once",
    example: "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8",
    source: reported(libnvidiaContainer),
  },
  {
    id: "gpu-stack",
    title: "the GPU software of the node is not ready",
    sees: "RunContainerError: `unresolvable CDI devices`, `driver not loaded`",
    area: "container",
    patterns: [
      /CDI device injection failed|failed to inject CDI devices|unresolvable CDI devices?/i,
      /nvidia-container-cli: (?!requirement error)|nvml error|failed to initialize NVML|libnvidia-ml\.so/i,
      /nvidia-container-runtime(-hook)?\S*: (no such file|not found)|error (running|executing) hook[^\n]*nvidia/i,
    ],
    remedy:
      "see what of the GPU operator (driver, container toolkit, device plugin) is not ready on this node, or was there before its GPU changed: " +
      "`kubectl get pods -n nvidia-gpu-operator -o wide`; its pods made anew write the node's GPUs down again",
    command: "kubectl get pods -n nvidia-gpu-operator -o wide",
    program: "names the node; waits a little, since a node that has just come may still be at it",
    doom: "repeated",
    example: "failed to inject CDI devices: unresolvable CDI devices nvidia.com/gpu=0",
    source: reported(
      at(
        "container-device-interface v0.8.0, pkg/cdi/cache.go",
        "https://github.com/cncf-tags/container-device-interface/blob/v0.8.0/pkg/cdi/cache.go",
      ),
      inContainerd("pkg/cri/opts/spec_linux.go"),
      inToolkit("internal/modifier/cdi/registry.go"),
    ),
  },
  {
    id: "wrong-architecture",
    title: "the image is built for another processor than the node's",
    sees: "a container ends with `exec format error`",
    area: "container",
    patterns: [/exec format error/i],
    remedy:
      "use an image of the node's architecture (`image`), or keep the pod to nodes of the image's: `nodeSelector` `kubernetes.io/arch`",
    command: "kubectl get nodes -L kubernetes.io/arch",
    program: "names image and node",
    doom: "at-once",
    example: "exec /usr/bin/python: exec format error",
    source: reported(inLinux("errno.3")),
  },
  {
    id: "command-not-found",
    title: "the image lacks the program that it is to run",
    sees: "RunContainerError: executable file not found",
    area: "container",
    // `no such file or directory` alone is also said of sockets, mounts and devices.
    patterns: [
      /executable file .*not found/i,
      /exec: "[^"]+": |exec failed: [^\n]*no such file/i,
      /(start|exec|create)[^\n]*\b(stat|open|lstat) \/\S*: no such file or directory: unknown|crun: open executable/i,
    ],
    remedy: "`image` is not a vLLM image with Python: correct it",
    command: setting("image", "<image>"),
    program: "runs `python`, as the RHAIIS image has it",
    doom: "at-once",
    example: 'exec: "python3": executable file not found in $PATH',
    source: reported(
      at("Go's os/exec, `exec: …: executable file not found in $PATH`", "https://pkg.go.dev/os/exec#Error"),
      inCrun("src/libcrun/container.c"),
    ),
  },
  {
    id: "container-slow",
    title: "the node's container runtime takes longer than the kubelet waits for it",
    sees: "CreateContainerError: `context deadline exceeded`, `name is reserved`",
    area: "container",
    patterns: [
      /name is reserved|is reserved for "|retrying requests that are timing out|context deadline exceeded|DeadlineExceeded/i,
    ],
    remedy:
      "the node is busy, or relabels a volume of very many files for SELinux: wait; if it stays, use fewer models on the volume, a class with `-o context` mounts, " +
      "or another node",
    command: "kubectl describe pod {pod} -n {namespace}",
    program: "waits, since the runtime goes on with it, and says what the kubelet said",
    doom: "never",
    example:
      "Kubelet may be retrying requests that are timing out in CRI-O due to system load: context deadline exceeded: error reserving ctr name",
    source: reported(
      at("cri-o/cri-o, issue 7044", "https://github.com/cri-o/cri-o/issues/7044"),
      at("containerd/containerd, issue 8882", "https://github.com/containerd/containerd/issues/8882"),
    ),
  },
  {
    id: "pod-network",
    title: "the node cannot give the pod its network",
    sees: "pod ContainerCreating: FailedCreatePodSandBox, NetworkNotReady",
    area: "container",
    reasons: ["FailedCreatePodSandBox", "NetworkNotReady"],
    patterns: [
      /failed to (create|set ?up) pod (network )?sandbox|failed to setup network for sandbox|container runtime network not ready/i,
    ],
    remedy:
      "see whether the network plugin's pods on this node run (`kubectl get pods -A -o wide`: Multus, OVN-Kubernetes and the like), and whether the node has " +
      "addresses left",
    command: "kubectl get pods -A -o wide",
    program: "waits, since the kubelet tries again, and says what it said",
    doom: "repeated",
    example:
      "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to create pod network sandbox k8s_vllm-1_ns_0(0a1b): error adding pod ns_vllm-1 to CNI network",
    source: reported(
      inKubernetes("pkg/kubelet/kuberuntime/kuberuntime_manager.go"),
      inCrio("server/sandbox_network.go"),
      inContainerd("pkg/cri/sbserver/sandbox_run.go"),
    ),
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
    command: "kubectl describe pod {pod} -n {namespace}",
    program: "shows the kubelet's message",
    doom: "repeated",
    source: reported(
      inKubernetes("pkg/kubelet/kuberuntime/kuberuntime_container.go"),
      inKubernetes("pkg/kubelet/container/sync_result.go"),
    ),
  },
] as const satisfies readonly Row[];
