import type { DaemonSet } from "kubernetes-types/apps/v1";
import type { Pod } from "kubernetes-types/core/v1";
import { ApiError } from "../cluster/apiError";
import type { ClusterReader } from "../cluster/client";
import type { Live } from "../cluster/objects";
import { wantedGpus } from "./nodes";
import type { NodeView } from "./snapshot";
import { items } from "./view";

/** What adds nodes on demand, by where it shows itself: https://docs.openshift.com (machine autoscaler), cluster-autoscaler, Karpenter. */
const scalers = [
  "/apis/autoscaling.openshift.io/v1/clusterautoscalers",
  "/apis/autoscaling.openshift.io/v1beta1/machineautoscalers",
  "/apis/karpenter.sh/v1/nodepools",
];
const autoscalerStatus = "/api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status";
const infrastructure = "/apis/config.openshift.io/v1/infrastructures/cluster";

/** Whether something in the cluster adds nodes on demand; undefined where that may not be seen. */
export async function readScaling(reader: ClusterReader): Promise<boolean | undefined> {
  const [lists, status, cluster] = await Promise.all([
    Promise.all(scalers.map((path) => ifAllowed(reader, path))),
    ifAllowed(reader, autoscalerStatus),
    ifAllowed(reader, infrastructure),
  ]);
  // A hosted control plane keeps its autoscaler outside the cluster.
  const hosted = (cluster?.body as { status?: { controlPlaneTopology?: string } } | undefined)?.status;
  if (hosted?.controlPlaneTopology === "External") return undefined;
  if (lists.some((list) => items(list?.body).length > 0) || status?.body !== undefined) return true;
  return [...lists, status, cluster].some((answer) => answer === undefined) ? undefined : false;
}

/** How many nodes are asked for their pods. */
const askedNodes = 8;

/** Adds to the nodes with GPUs who holds these; nothing where the pods of other namespaces may not be listed. */
export async function readHolders(reader: ClusterReader, nodes: NodeView[]): Promise<void> {
  const withGpu = nodes.filter((node) => node.gpus > 0).slice(0, askedNodes);
  await Promise.all(
    withGpu.map(async (node) => {
      const list = await ifAllowed(reader, "/api/v1/pods", { fieldSelector: `spec.nodeName=${node.name}` });
      if (!list) return;
      const holding = (items(list.body) as Live<Pod>[]).filter(
        ({ spec, status }) => wantedGpus(spec).count > 0 && status?.phase !== "Succeeded" && status?.phase !== "Failed",
      );
      node.holders = holding.map(({ metadata: { namespace, name } }) => `${namespace ?? ""}/${name}`);
      node.freeing = holding.some(({ metadata }) => metadata.deletionTimestamp !== undefined);
    }),
  );
}

/** DaemonSets that give a node its driver, its container toolkit and its GPUs: https://github.com/NVIDIA/gpu-operator/tree/v25.10.1/assets */
const gpuSoftware = /^nvidia-(driver|gpu-driver|container-toolkit|device-plugin)\b/;

/** Which of the GPU operator's DaemonSets have pods that are not ready; undefined where they may not be listed. */
export async function readGpuSoftware(reader: ClusterReader): Promise<string[] | undefined> {
  const list = await ifAllowed(reader, "/apis/apps/v1/daemonsets");
  if (!list) return undefined;
  return (items(list.body) as Live<DaemonSet>[]).flatMap(({ metadata: { name, namespace = "" }, status }) => {
    const { desiredNumberScheduled: desired = 0, numberReady: ready = 0 } = status ?? {};
    return gpuSoftware.test(name) && ready < desired ? [`${namespace}/${name} (${ready} of ${desired} ready)`] : [];
  });
}

/** What an answer holds, with an empty body where there is nothing; undefined where it may not be read. */
export async function ifAllowed(
  reader: ClusterReader,
  path: string,
  query?: Record<string, string>,
): Promise<{ body?: unknown } | undefined> {
  try {
    return { body: (await reader.get(path, query))?.body };
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined;
    throw error;
  }
}
