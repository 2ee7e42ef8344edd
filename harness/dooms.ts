/** Every start-up that cannot succeed, as data: how it comes about, the row of the symptom table that fits, and how it is mended. */
import type { SymptomId } from "../components/symptoms";
import type { TestStack } from "./stack";

export interface Doom {
  readonly title: string;
  /** Id in the symptom table. */
  readonly symptom: SymptomId;
  /** A fault of the simulation; the others come about by themselves. */
  readonly fault?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Objects that stand in the way. */
  readonly objects?: (namespace: string) => readonly object[];
  /** What else must be so before `up`. */
  readonly prepare?: (stack: TestStack) => Promise<unknown>;
  /** What the report must show besides the symptom's title and remedy; the component's name is asked for where it is shown. */
  readonly shows?: RegExp | ((component: string) => RegExp);
  /** Configuration that mends it. */
  readonly mendConfig?: Readonly<Record<string, unknown>>;
  /** What somebody does in the cluster to mend it. */
  readonly mend?: (stack: TestStack) => Promise<unknown>;
}

const fault = (name: string, symptom: SymptomId, shows: NonNullable<Doom["shows"]>): Doom => ({
  title: name,
  symptom,
  fault: name,
  shows,
});
const downloader = (component: string): RegExp => new RegExp(`container model-downloader of pod ${component}-`);
const server = (component: string): RegExp => new RegExp(`container server of pod ${component}-`);

export const dooms: readonly Doom[] = [
  fault("image-not-found", "image-not-found", /manifest unknown/),
  fault("image-credentials", "image-credentials", /unauthorized/),
  fault("downloader-permission-denied", "downloader-permission-denied", downloader),
  fault("downloader-offline", "downloader-offline", downloader),
  fault("downloader-unauthorized", "downloader-unauthorized", downloader),
  fault("downloader-disk-full", "downloader-disk-full", downloader),
  fault("downloader-not-found", "downloader-not-found", downloader),
  fault("server-vllm-port", "server-vllm-port", server),
  fault("server-unknown-argument", "server-unknown-argument", /unrecognized arguments/),
  fault("server-cuda", "server-cuda-requirement", server),
  fault("server-cuda-requirement", "container-gpu-requirement", /unsatisfied condition: cuda/),
  fault("server-out-of-memory", "server-out-of-memory", /CUDA out of memory/),
  fault("server-oom-killed", "server-oom-killed", /OOMKilled/),
  fault("missing-secret", "missing-secret", /secret ".*" not found/),
  fault("runtime-handler", "runtime-handler", /failed to find runtime handler/),
  fault("route-rejected", "route-rejected", (component) => new RegExp(`Route ${component}, namespace`)),
  {
    title: "no GPU free",
    symptom: "no-gpu-free",
    config: {
      nodeSelector: { pool: "small" },
      tolerations: ["nvidia.com/gpu", "pool"].map((key) => ({ key, operator: "Exists", effect: "NoSchedule" })),
    },
    prepare: (stack) => holdTheGpu(stack, "small"),
    shows: /gpu-small has 1, not that many of them free/,
    mend: (stack) => stack.cluster.kubectl("-n", stack.namespace, "delete", "pod", "holds-the-gpu", "--wait=true"),
  },
  {
    title: "a node selector that fits no node",
    symptom: "node-selector",
    config: { nodeSelector: { pool: "none" } },
    shows: /gpu-worker-0 lacks pool=none/,
    mendConfig: { nodeSelector: undefined },
  },
  {
    title: "a taint that is not tolerated",
    symptom: "node-taint",
    config: { tolerations: [] },
    shows: /gpu-worker-0 has the taint nvidia\.com\/gpu=present:NoSchedule/,
    mendConfig: { tolerations: undefined },
  },
  {
    title: "a RuntimeClass that the cluster lacks",
    symptom: "runtime-class-missing",
    config: { runtimeClassName: "nvidia-legacy" },
    shows: /RuntimeClass "nvidia-legacy" not found/,
    mendConfig: { runtimeClassName: undefined },
  },
  {
    title: "a refused SCC",
    symptom: "scc-refused",
    config: { grantScc: false },
    shows: /set `securityMode` to `restricted`/,
    mendConfig: { securityMode: "restricted" },
  },
  {
    title: "a quota that is used up",
    symptom: "quota-exceeded",
    objects: (namespace) => [
      {
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { name: "no-gpus", namespace },
        spec: { hard: { "requests.nvidia.com/gpu": "0" } },
      },
    ],
    shows: /exceeded quota: no-gpus/,
    mend: (stack) => stack.cluster.kubectl("-n", stack.namespace, "delete", "resourcequota", "no-gpus"),
  },
  {
    title: "Pod Security `restricted`",
    symptom: "pod-security",
    objects: (namespace) => [
      {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
      },
    ],
    shows: /violates PodSecurity "restricted/,
    mendConfig: { securityMode: "restricted" },
  },
  {
    title: "a StorageClass that the cluster lacks",
    symptom: "storage-class-missing",
    config: { storageClassName: "late-class" },
    shows: /claim vllm-models-cache, namespace/,
    mend: (stack) =>
      stack.cluster.kubectlWithInput(
        JSON.stringify({
          apiVersion: "storage.k8s.io/v1",
          kind: "StorageClass",
          metadata: { name: "late-class" },
          provisioner: "csi.simulation",
          volumeBindingMode: "WaitForFirstConsumer",
        }),
        "apply",
        "-f",
        "-",
      ),
  },
  {
    title: "a Route host that another Route holds",
    symptom: "route-host-claimed",
    config: { routeHost: "held.apps.local.test" },
    objects: () => [
      {
        apiVersion: "route.openshift.io/v1",
        kind: "Route",
        metadata: { name: "holder", namespace: "default" },
        spec: { host: "held.apps.local.test", to: { kind: "Service", name: "holder" } },
      },
    ],
    mendConfig: { routeHost: "free.apps.local.test" },
  },
];

/** A node of its own with one GPU, so that a full node disturbs no other test, and a pod that holds the GPU. */
export async function holdTheGpu({ cluster, namespace }: TestStack, pool: string): Promise<void> {
  const apply = (object: object): Promise<string> =>
    cluster.kubectlWithInput(JSON.stringify(object), "apply", "-f", "-");
  const room = { cpu: "32", memory: "128Gi", pods: "20", "ephemeral-storage": "100Gi", "nvidia.com/gpu": "1" };
  await apply({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: `gpu-${pool}`, annotations: { "kwok.x-k8s.io/node": "fake" }, labels: { pool } },
    spec: {
      taints: [
        { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" },
        // Other tests run beside this one, and their pods are not meant to land here.
        { key: "pool", value: pool, effect: "NoSchedule" },
      ],
    },
  });
  const addresses = [{ type: "InternalIP", address: "127.0.0.1" }];
  const status = JSON.stringify({ status: { addresses, capacity: room, allocatable: room } });
  await cluster.kubectl("patch", "node", `gpu-${pool}`, "--subresource=status", "--type=merge", "-p", status);
  await apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "holds-the-gpu", namespace },
    spec: {
      nodeName: `gpu-${pool}`,
      containers: [{ name: "holder", image: "holder", resources: { limits: { "nvidia.com/gpu": "1" } } }],
    },
  });
}
