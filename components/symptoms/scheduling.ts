import { at, inKubernetes } from "./sources";
import { asAWhole, recorded, reported, type Row, setting } from "./symptom";

/** What keeps the scheduler from finding a node. */
export const schedulingSymptoms = [
  {
    id: "no-gpu-free",
    title: "no GPU is free",
    sees: "pod Pending: `Insufficient nvidia.com/gpu`",
    area: "scheduling",
    patterns: [/insufficient nvidia\.com\//i],
    remedy:
      "free a GPU (`kubectl get pods -A -o wide` shows who runs on the node), add a GPU node, or lower `tensorParallelSize`; where nodes are made " +
      "on demand, raise `unschedulableTimeoutSeconds`",
    command: "kubectl get pods -A -o wide",
    program:
      "asks for `tensorParallelSize` GPUs and lets the old pod go first (Recreate); `doctor` counts the free ones before a deployment",
    doom: "repeated",
    example: "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.",
    source: recorded("Kubernetes 1.34.2"),
  },
  {
    id: "scheduling-gated",
    title: "a queue holds the pod back",
    sees: "pod Pending: SchedulingGated",
    area: "scheduling",
    reasons: ["SchedulingGated"],
    patterns: [/non-empty scheduling gates/i],
    remedy:
      "wait until the queue lets it go: with Kueue `kubectl get workloads -n {namespace}` shows what it waits for; who runs the queue can raise its " +
      "quota or leave this namespace out",
    command: "kubectl get workloads -n {namespace}",
    program: "names the gate at once, and does not count that time as a fault",
    doom: "never",
    example: "Scheduling is blocked due to non-empty scheduling gates",
    source: recorded("Kubernetes 1.34.2"),
  },
  {
    id: "volume-zone",
    title: "the claim's volume is in another zone than the node with the GPU",
    sees: "pod Pending: `volume node affinity conflict`",
    area: "scheduling",
    patterns: [/volume node affinity conflict|no available volume zone|PersistentVolume's node affinity/i],
    remedy:
      "have a GPU node in the volume's zone (`kubectl get pv -o wide`, label `topology.kubernetes.io/zone`), or let the claim be made anew where the GPU is: " +
      "delete it, with a `storageClassName` that binds at the first consumer; the model is then downloaded again",
    command: "kubectl describe pvc {claim} -n {namespace}",
    program: "binds the volume where the pod runs if the class allows it; names the node that has the GPU",
    doom: "repeated",
    example: "0/3 nodes are available: 1 node(s) had volume node affinity conflict.",
    source: reported(
      inKubernetes("pkg/scheduler/framework/plugins/volumebinding/binder.go"),
      inKubernetes("pkg/scheduler/framework/plugins/volumezone/volume_zone.go"),
    ),
  },
  {
    id: "volume-limit",
    title: "the node with the GPU has as many volumes as it can have",
    sees: "pod Pending: `exceed max volume count`",
    area: "scheduling",
    patterns: [/exceed\w* max volume count/i],
    remedy:
      "move pods with volumes away from the GPU node, or use a larger machine: the cloud limits the volumes of each",
    command: "kubectl get volumeattachment",
    program: "needs one volume; names the node that has the GPU",
    doom: "repeated",
    example: "0/2 nodes are available: 1 node(s) exceed max volume count.",
    source: reported(inKubernetes("pkg/scheduler/framework/plugins/nodevolumelimits/csi.go")),
  },
  {
    id: "pod-spread",
    title: "rules about other pods keep the pod from the node with the GPU",
    sees: "pod Pending: `didn't match pod anti-affinity rules`, `topology spread constraints`",
    area: "scheduling",
    patterns: [/topology spread|affinity rules|pod (anti-)?affinity/i],
    remedy:
      "see who adds affinity or spread constraints to this namespace's pods (a policy of the cluster), or what other pods on the GPU node ask",
    command: "kubectl get pod {pod} -n {namespace} -o yaml",
    program: "sets no such rule by itself",
    doom: "repeated",
    example: "0/2 nodes are available: 1 node(s) didn't match pod anti-affinity rules.",
    source: reported(
      inKubernetes("pkg/scheduler/framework/plugins/interpodaffinity/filtering.go"),
      inKubernetes("pkg/scheduler/framework/plugins/podtopologyspread/plugin.go"),
    ),
  },
  {
    id: "gpu-resource",
    title: "the nodes offer their GPUs under another name: slices or another maker's",
    sees: "pod Pending; nodes list `nvidia.com/mig-…` and no `nvidia.com/gpu`",
    area: "scheduling",
    patterns: [],
    remedy:
      "set `gpuResource` to what the nodes have, as `nvidia.com/mig-3g.20gb` (the slice must hold model and KV cache), or have the node's admin switch MIG off",
    command: setting("gpuResource", "<resource>"),
    program: "names what each node has; `doctor` looks for it before a deployment",
    doom: "repeated",
    source: reported(
      at(
        "NVIDIA's device plugin 0.17.1, MIG strategy `mixed`",
        "https://github.com/NVIDIA/k8s-device-plugin/blob/v0.17.1/README.md",
      ),
    ),
  },
  {
    id: "node-pressure",
    title: "the node with the GPU is short of disk, memory or processes",
    sees: "pod Pending: the taint `node.kubernetes.io/disk-pressure` or `memory-pressure`",
    area: "scheduling",
    patterns: [/untolerated taint \{node\.kubernetes\.io\/\w+-pressure/i],
    remedy:
      "free what the node is short of (`kubectl describe node` says what): its images and logs, or its pods; never tolerate this taint",
    command: "kubectl describe node <node>",
    program: "names the node; waits a little, since the kubelet frees what it can",
    doom: "repeated",
    example: "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }.",
    source: reported(
      at(
        "Kubernetes, taints and tolerations",
        "https://kubernetes.io/docs/reference/labels-annotations-taints/#node-kubernetes-io-disk-pressure",
      ),
    ),
  },
  {
    id: "node-leaving",
    title: "the node with the GPU is about to be taken away",
    sees: "pod Pending: the taint of an autoscaler that removes the node",
    area: "scheduling",
    patterns: [
      /untolerated taint \{(ToBeDeletedByClusterAutoscaler|DeletionCandidateOfClusterAutoscaler|karpenter\.sh\/disrupt)/i,
    ],
    remedy: "wait for the autoscaler's next node, or raise its least number of GPU nodes; never tolerate this taint",
    command: "kubectl get nodes",
    program: "names the node",
    doom: "repeated",
    example: "0/1 nodes are available: 1 node(s) had untolerated taint {ToBeDeletedByClusterAutoscaler: 17}.",
    source: reported(
      at(
        "cluster-autoscaler 1.34.0, utils/taints",
        "https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.34.0/cluster-autoscaler/utils/taints/taints.go",
      ),
      at(
        "Karpenter 1.8.0, pkg/apis/v1/taints.go",
        "https://github.com/kubernetes-sigs/karpenter/blob/v1.8.0/pkg/apis/v1/taints.go",
      ),
    ),
  },
  {
    id: "scheduling-volume",
    title: "no node can reach the claim's volume",
    sees: "pod Pending: no volume to bind, or the volume is in another zone",
    area: "scheduling",
    patterns: [
      /didn't find available persistent volumes to bind/i,
      /unbound immediate PersistentVolumeClaims/i,
      /persistentvolumeclaim "[^"]+" not found/i,
      /claim "?[^"]+"? is being deleted|persistentvolumeclaim "[^"]+" is being deleted/i,
      /did not have enough free storage/i,
      /storageclass\S* "[^"]+" not found/i,
    ],
    remedy:
      "set `storageClassName` to a class that provisions volumes where the GPU nodes are (`kubectl get storageclass`)",
    command: "kubectl get storageclass",
    program:
      "leaves the class to the cluster by default, and binds the volume where the pod runs if the class allows it",
    doom: "repeated",
    example: "0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind.",
    source: recorded("Kubernetes 1.34.2"),
  },
  {
    id: "node-selector",
    title: "no node matches the node selector",
    sees: "pod Pending: `didn't match Pod's node affinity/selector`",
    area: "scheduling",
    patterns: [/didn't match Pod's node affinity\/selector/i],
    remedy: "correct `nodeSelector` (`kubectl get nodes --show-labels`)",
    command: "kubectl get nodes --show-labels",
    program:
      "sets none by default; `doctor` compares it with the nodes, and the report names each node's missing label",
    doom: "repeated",
    example: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
    source: recorded("Kubernetes 1.34.2"),
  },
  {
    id: "node-taint",
    title: "the nodes have a taint that the pod does not tolerate",
    sees: "pod Pending: `untolerated taint`",
    area: "scheduling",
    // Kubernetes 1.34 writes `untolerated taint(s)` and does not name them.
    patterns: [
      /untolerated taint(?! \{(node\.kubernetes\.io\/|ToBeDeletedByClusterAutoscaler|DeletionCandidateOfClusterAutoscaler|karpenter\.sh\/disrupt))/i,
    ],
    remedy:
      "add the taint to `tolerations` (`kubectl get nodes -o custom-columns=NODE:.metadata.name,TAINTS:.spec.taints`)",
    command: "kubectl get nodes -o custom-columns=NODE:.metadata.name,TAINTS:.spec.taints",
    program: "tolerates `nvidia.com/gpu` by default; the report names each node's taint",
    doom: "repeated",
    example: "0/1 nodes are available: 1 node(s) had untolerated taint {team: ml}.",
    source: recorded("Kubernetes 1.34.2"),
  },
  {
    id: "no-gpu-node",
    title: "the cluster has no node with a GPU",
    sees: "pod Pending; no node lists `nvidia.com/gpu`",
    area: "scheduling",
    patterns: [],
    remedy:
      "add a GPU node; if there is one, the GPU operator has not finished on it (`kubectl get pods -n nvidia-gpu-operator`), or it offers MIG " +
      "slices (`nvidia.com/mig-…` in `kubectl describe node`), which `gpuResource` asks for; where nodes are made on demand, raise " +
      "`unschedulableTimeoutSeconds`",
    command: "kubectl get pods -n nvidia-gpu-operator",
    program: "`doctor` looks for GPU nodes before a deployment",
    doom: "repeated",
    source: recorded("Kubernetes 1.34.2, the scheduler's reason and the nodes"),
  },
  {
    id: "gpu-operator",
    title: "the GPU operator is not ready: a node lacks its driver, container toolkit or device plugin",
    sees: "pod Pending and no node lists `nvidia.com/gpu`, or RunContainerError, while a DaemonSet of the operator is not ready",
    area: "scheduling",
    patterns: [],
    remedy:
      "a node that has just come needs some minutes; else see why the DaemonSets that are named have pods that are not ready " +
      "(`kubectl get pods -n nvidia-gpu-operator -o wide`, and their logs)",
    command: "kubectl get pods -n nvidia-gpu-operator -o wide",
    program: "names the DaemonSets, with how many of their pods are ready; waits, since a driver takes minutes",
    doom: "never",
    source: reported(
      at("NVIDIA's GPU operator 25.10.1, assets", "https://github.com/NVIDIA/gpu-operator/tree/v25.10.1/assets"),
    ),
  },
  {
    id: "node-too-small",
    title: "no node has that many GPUs",
    sees: "pod Pending; the largest GPU node has fewer GPUs than `tensorParallelSize`",
    area: "scheduling",
    patterns: [],
    remedy: "lower `tensorParallelSize` to the GPUs of one node, or add a larger node",
    command: setting("tensorParallelSize", "<gpus>"),
    program: "`doctor` compares `tensorParallelSize` with the nodes before a deployment",
    doom: "repeated",
    source: recorded("Kubernetes 1.34.2, the scheduler's reason and the nodes"),
  },
  {
    id: "node-cordoned",
    title: "the GPU nodes are cordoned",
    sees: "pod Pending: `node(s) were unschedulable`",
    area: "scheduling",
    patterns: [/node\(s\) were unschedulable|untolerated taint \{node\.kubernetes\.io\/unschedulable/i],
    remedy: "somebody keeps pods off them, often for maintenance: wait, or `kubectl uncordon`",
    command: "kubectl uncordon <node>",
    program: "names the nodes",
    doom: "repeated",
    example: "0/1 nodes are available: 1 node(s) were unschedulable.",
    source: recorded("Kubernetes 1.34.2"),
  },
  {
    id: "insufficient-resources",
    title: "no node has the CPU, memory or disk free",
    sees: "pod Pending: `Insufficient cpu`, `Insufficient memory`",
    area: "scheduling",
    patterns: [/insufficient (cpu|memory|ephemeral-storage|pods)|too many pods/i],
    remedy: `free a node, or lower the requests in \`resources\` and \`downloaderResources\`${asAWhole}`,
    command: setting("--path resources.requests.memory", "<quantity>"),
    program: "asks for little: `resources` and `downloaderResources` can be set",
    doom: "repeated",
    example: "0/1 nodes are available: 1 Insufficient memory.",
    source: recorded("Kubernetes 1.34.2"),
  },
  {
    id: "unschedulable",
    title: "no node takes the pod",
    sees: "pod Pending: Unschedulable",
    area: "scheduling",
    reasons: ["Unschedulable"],
    patterns: [],
    remedy:
      "see the scheduler's message: of its reasons the one that holds for the node with the GPU is the cause; with the right to list nodes this program tells which",
    command: "kubectl describe pod {pod} -n {namespace}",
    program: "shows the scheduler's message",
    doom: "repeated",
    source: recorded("Kubernetes 1.34.2, the scheduler's reason and the nodes"),
  },
] as const satisfies readonly Row[];
