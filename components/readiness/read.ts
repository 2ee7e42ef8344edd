import { ApiError } from "../cluster/apiError";
import type { Answer, ClusterReader } from "../cluster/client";
import type { GateTarget } from "./contract";
import { type Allowed, type KeptLogs, readLogs } from "./logs";
import { gpuTrouble } from "./kubelet";
import { nodes } from "./nodes";
import type { EventView, PodView, Snapshot } from "./snapshot";
import { readGpuSoftware, readHolders, readScaling } from "./supply";
import { emptySnapshot } from "./snapshot";
import * as view from "./view";

/** What an earlier look has read and does not change. */
export interface Kept {
  /** Logs of runs that have ended. */
  logs: KeptLogs;
  /** Whether something in the cluster adds nodes on demand. */
  scaling?: Promise<boolean | undefined>;
}

export const nothingKept = (): Kept => ({ logs: new Map() });

/**
 * Reads one snapshot of a component. What may not be read is left out and named in `missingRights`; a lost connection throws.
 * @param kept what earlier looks have read
 */
export async function readSnapshot(
  reader: ClusterReader,
  target: GateTarget,
  at: number,
  kept: Kept = nothingKept(),
): Promise<Snapshot> {
  const snapshot = emptySnapshot(at);
  const allowed = allow(snapshot);
  const ns = `/namespaces/${target.namespace}`;
  const answer = await reader.get(`/apis/apps/v1${ns}/deployments/${target.deployment}`);
  const now = answer?.date ?? at;
  const [claim, route] = await Promise.all([
    allowed("get persistentvolumeclaims", () => reader.get(`/api/v1${ns}/persistentvolumeclaims/${target.claim}`)),
    target.route === undefined
      ? undefined
      : allowed("get routes", () => reader.get(`/apis/route.openshift.io/v1${ns}/routes/${target.route ?? ""}`)),
  ]);
  if (claim) snapshot.claim = view.claim(claim.body, now);
  if (route) snapshot.route = view.route(route.body);
  let podList: Answer | undefined;
  if (answer) {
    const deployment = answer.body;
    snapshot.deployment = view.deployment(deployment);
    const labelSelector = view.labelSelector(deployment);
    const [sets, pods] = await Promise.all([
      allowed("list replicasets", () => reader.get(`/apis/apps/v1${ns}/replicasets`, { labelSelector })),
      allowed("list pods", () => reader.get(`/api/v1${ns}/pods`, { labelSelector })),
    ]);
    podList = pods;
    snapshot.replicaSets = view.replicaSets(view.items(sets?.body), deployment, now);
    snapshot.pods = view.items(pods?.body).map((pod) => view.pod(pod, now));
  }
  const pending = view.items(podList?.body).find((pod) => view.unschedulable(pod));
  if (pending !== undefined) {
    const list = await allowed("list nodes", () => reader.get("/api/v1/nodes"));
    if (list) {
      snapshot.nodes = nodes(view.items(list.body), pending);
      await readHolders(reader, snapshot.nodes);
    }
    kept.scaling ??= readScaling(reader).catch((error: unknown) => {
      delete kept.scaling;
      throw error;
    });
    const scaling = await kept.scaling;
    if (scaling !== undefined) snapshot.scaling = scaling;
  }
  await Promise.all([
    readEvents(reader, target, snapshot, allowed),
    readLogs(reader, target, snapshot, allowed, kept.logs, now),
  ]);
  if (lacksGpu(snapshot)) {
    const software = await readGpuSoftware(reader);
    if (software) snapshot.gpuSoftware = software;
  }
  await readHost(reader, snapshot, allowed);
  return snapshot;
}

/** Whether no node offers a GPU, or a container does not get its own. */
function lacksGpu({ nodes: seen, pods, events }: Snapshot): boolean {
  if (seen?.some(({ wanted }) => wanted > 0) && !seen.some(({ gpus }) => gpus > 0)) return true;
  const said = pods.flatMap(({ containers = [] }) =>
    containers.flatMap(({ waiting, last }) => [waiting?.message, last?.message]),
  );
  return [...said, ...events.map(({ message }) => message)].some((text) => gpuTrouble(text ?? ""));
}

/** The node under a pod that it may have failed: it has become silent, or is of another architecture than the image. */
async function readHost(reader: ClusterReader, snapshot: Snapshot, allowed: Allowed): Promise<void> {
  const silent = snapshot.events.find(({ reason }) => reason === "NodeNotReady")?.uid;
  const foreign = (pod: PodView): boolean =>
    (pod.containers ?? []).some(({ terminated, last }) => (terminated ?? last)?.message?.includes("exec format error"));
  const pod = snapshot.pods.find((each) => each.node !== undefined && (each.uid === silent || foreign(each)));
  if (!pod) return;
  const answer = await allowed("get nodes", () => reader.get(`/api/v1/nodes/${pod.node}`));
  if (answer) snapshot.host = view.host(answer.body);
}

/** Runs a read; where the cluster forbids it, notes the right that is missing. */
function allow(snapshot: Snapshot): Allowed {
  return async (right, read) => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 403) throw error;
      if (!snapshot.missingRights.includes(right)) snapshot.missingRights.push(right);
      return undefined;
    }
  };
}

/** Events of the objects that matter, and of no others: a namespace can hold thousands. */
async function readEvents(
  reader: ClusterReader,
  target: GateTarget,
  snapshot: Snapshot,
  allowed: Allowed,
): Promise<void> {
  const uids = [
    ...snapshot.replicaSets.filter((set) => set.current).map((set) => set.uid),
    ...snapshot.pods.filter(needsEvents).map((pod) => pod.uid),
    ...(snapshot.claim && snapshot.claim.phase !== "Bound" ? [snapshot.claim.uid] : []),
  ];
  const lists = await Promise.all(
    uids.map((uid) =>
      allowed<Answer | undefined>("list events", () =>
        reader.get(`/api/v1/namespaces/${target.namespace}/events`, { fieldSelector: `involvedObject.uid=${uid}` }),
      ),
    ),
  );
  snapshot.events = lists.flatMap((list): EventView[] => view.items(list?.body).map(view.event));
}

function needsEvents(pod: PodView): boolean {
  return !pod.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True");
}
