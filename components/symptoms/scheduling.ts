import { type Symptom, setting } from "./symptom";

/** What keeps the scheduler from finding a node. */
export const schedulingSymptoms: readonly Symptom[] = [
  {
    id: "no-gpu-free",
    title: "no GPU is free",
    sees: "pod Pending: `Insufficient nvidia.com/gpu`",
    area: "scheduling",
    patterns: [/insufficient nvidia\.com\//i],
    remedy:
      "free a GPU (`kubectl get pods -A -o wide` shows who runs on the node), add a GPU node, or lower `tensorParallelSize`; " +
      "if the GPU node has a taint of its own, add it to `tolerations`; where nodes are made on demand, raise `unschedulableTimeoutSeconds`",
    command: "kubectl get pods -A -o wide",
    program:
      "asks for `tensorParallelSize` GPUs and lets the old pod go first (Recreate); `doctor` counts the free ones before a deployment",
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
    command: "kubectl get storageclass",
    program:
      "leaves the class to the cluster by default, and binds the volume where the pod runs if the class allows it",
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
    command: "kubectl get nodes --show-labels",
    program:
      "sets none by default; `doctor` compares it with the nodes, and the report names each node's missing label",
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
    command: "kubectl get nodes -o custom-columns=NODE:.metadata.name,TAINTS:.spec.taints",
    program: "tolerates `nvidia.com/gpu` by default; the report names each node's taint",
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
      "add a GPU node; if there is one, the GPU operator has not finished on it (`kubectl get pods -n nvidia-gpu-operator`); where nodes " +
      "are made on demand, raise `unschedulableTimeoutSeconds`",
    command: "kubectl get pods -n nvidia-gpu-operator",
    program: "`doctor` looks for GPU nodes before a deployment",
    doom: "repeated",
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
  },
  {
    id: "node-cordoned",
    title: "the GPU nodes are cordoned",
    sees: "pod Pending: `node(s) were unschedulable`",
    area: "scheduling",
    patterns: [/node\(s\) were unschedulable/i],
    remedy: "somebody keeps pods off them, often for maintenance: wait, or `kubectl uncordon`",
    command: "kubectl uncordon <node>",
    program: "names the nodes",
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
    command: setting("resources", "'<json>'"),
    program: "asks for little: `resources` and `downloaderResources` can be set",
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
    command: "kubectl describe pod {pod} -n {namespace}",
    program: "shows the scheduler's message",
    doom: "repeated",
  },
];
