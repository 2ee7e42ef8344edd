import { ApiError, type Answer, type ClusterReader } from "../cluster/client";
import type { GateTarget } from "./contract";
import { nodes } from "./nodes";
import { redactLines } from "../text/redact";
import type { ContainerView, EventView, PodView, Snapshot } from "./snapshot";
import { emptySnapshot } from "./snapshot";
import * as view from "./view";

/** How many lines of a container's log are read. */
const logLines = 20;

/** Reads one snapshot of a component. What may not be read is left out and named in `missingRights`; a lost connection throws. */
export async function readSnapshot(reader: ClusterReader, target: GateTarget, at: number): Promise<Snapshot> {
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
    if (list) snapshot.nodes = nodes(view.items(list.body), pending);
  }
  await Promise.all([readEvents(reader, target, snapshot, allowed), readLogs(reader, target, snapshot, allowed)]);
  return snapshot;
}

type Allowed = <T>(right: string, read: () => Promise<T>) => Promise<T | undefined>;

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

/** The logs of containers that run and are not ready, or have failed. */
async function readLogs(
  reader: ClusterReader,
  target: GateTarget,
  snapshot: Snapshot,
  allowed: Allowed,
): Promise<void> {
  const wanted = snapshot.pods.flatMap((pod) =>
    pod.terminating ? [] : (pod.containers ?? []).filter(speaks).map((container) => ({ pod, container })),
  );
  await Promise.all(
    wanted.map(async ({ pod, container }) => {
      const path = `/api/v1/namespaces/${target.namespace}/pods/${pod.name}/log`;
      const query = { container: container.name, tailLines: String(logLines), limitBytes: "20000" };
      // A container that waits for its next start has its words in the last one's log.
      const previous = !container.running && !container.terminated;
      const text = await allowed("get pods/log", () =>
        logText(reader, path, previous ? { ...query, previous: "true" } : query),
      );
      if (text !== undefined) snapshot.logs[`${pod.name}/${container.name}`] = redactLines(text);
    }),
  );
}

function speaks(container: ContainerView): boolean {
  if (container.ready === true) return false;
  const failed = (container.terminated ?? container.last)?.exitCode;
  return container.running === true || (failed !== undefined && failed !== 0);
}

/** A log that cannot be had at this moment (the container is being replaced, the node does not answer) is no reason to stop. */
async function logText(
  reader: ClusterReader,
  path: string,
  query: Record<string, string>,
): Promise<string | undefined> {
  try {
    return await reader.text(path, query);
  } catch (error) {
    if (error instanceof ApiError && error.status !== 403 && error.status !== 401) return undefined;
    throw error;
  }
}
