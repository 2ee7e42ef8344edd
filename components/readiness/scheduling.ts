import { defaults } from "../args/defaults";
import { findSymptom, symptom, type Symptom, type SymptomId } from "../symptoms";
import type { GateLimits } from "./contract";
import type { Finding } from "./finding";
import { conditionOf, each, gpuObstacle, open } from "./nodes";
import { type Rollout, schedulerSays } from "./phase";
import type { NodeView, PodView, Snapshot } from "./snapshot";

/** How long a pod may fit no node where nothing is known that could change it, in seconds. */
const settledSeconds = 2;
/** How long a node's condition may last, in seconds: one that has just come or is restarted passes through some. */
const conditionSeconds = 60;

/** What keeps a pod from finding a node. */
export function schedulingFindings(
  pod: PodView,
  snapshot: Snapshot,
  pods: Rollout,
  limits: Pick<GateLimits, "unschedulableSeconds">,
): Finding[] {
  const scheduled = schedulerSays(pod);
  if (scheduled?.status !== "False") return [];
  if (scheduled.reason === "SchedulingGated") return [gated(pod, scheduled.message ?? "")];
  if (scheduled.reason !== "Unschedulable") return [];
  // What the scheduler adds about preemption and resource claims says nothing here.
  const message = (scheduled.message ?? "").replace(/\s*(no new claims to deallocate, )?preemption: .*$/s, "");
  const { id, said } = withoutGpus(obstacle(message, snapshot.nodes), snapshot);
  const evidence = said === undefined ? message : `${message} (${said})`;
  // Immediate volume binding makes the scheduler wait for the provisioner.
  const provisioning = /unbound immediate PersistentVolumeClaims/i.test(message) && snapshot.claim?.phase !== "Lost";
  const least = provisioning ? 120 : conditionIds.includes(id) ? conditionSeconds : 0;
  const patience =
    coming(pod, snapshot, pods) || id === "gpu-operator"
      ? Infinity
      : Math.max(unschedulable(id, snapshot, limits), least);
  return [{ symptom: symptom(id), evidence, pod: pod.name, patience }];
}

/** Where no node offers a GPU and the GPU operator is not ready, its nodes may be about to. */
function withoutGpus(found: Obstacle, { gpuSoftware = [] }: Snapshot): Obstacle {
  if (found.id !== "no-gpu-node" || gpuSoftware.length === 0) return found;
  return { id: "gpu-operator", said: `${found.said ?? "no node has a GPU"}; not ready: ${gpuSoftware.join(", ")}` };
}

const conditionIds: readonly SymptomId[] = ["node-not-ready", "node-pressure", "node-leaving"];

function gated(pod: PodView, message: string): Finding {
  const gates = pod.gates === undefined ? "" : ` (${pod.gates.join(", ")})`;
  return { symptom: symptom("scheduling-gated"), evidence: `${message}${gates}`, pod: pod.name, patience: Infinity };
}

/** Help is on its way: a pod that makes room is stopping, the scheduler evicts another one, or an autoscaler adds a node. */
function coming(pod: PodView, snapshot: Snapshot, pods: Rollout): boolean {
  return (
    pods.leaving.length > 0 ||
    pod.nominatedNode !== undefined ||
    open(snapshot.nodes ?? []).some((node) => node.freeing === true && node.gpus >= node.wanted) ||
    snapshot.events.some(
      (event) => event.uid === pod.uid && (event.reason === "TriggeredScaleUp" || event.reason === "Nominated"),
    )
  );
}

/**
 * How long the pod may fit no node. An autoscaler looks every 10 s; where none is, and where it has said that it adds no node, a longer
 * wait changes nothing, unless the stack's own setting asks for it.
 */
function unschedulable(
  id: SymptomId,
  { scaling, nodes, events }: Snapshot,
  { unschedulableSeconds }: Pick<GateLimits, "unschedulableSeconds">,
): number {
  const refused = scaling === true && events.some(({ reason }) => reason === "NotTriggerScaleUp");
  // Who holds the GPUs is known, and that nobody is about to let one go.
  const held = id !== "no-gpu-free" || (nodes ?? []).some(({ holders }) => holders !== undefined);
  const settled = (scaling === false || refused) && held;
  const own = unschedulableSeconds !== defaults.unschedulableTimeoutSeconds;
  return settled && !own ? Math.min(settledSeconds, unschedulableSeconds) : unschedulableSeconds;
}

interface Obstacle {
  id: SymptomId;
  said?: string;
}

interface Reason {
  count: number;
  text: string;
}

/** The scheduler's reasons, each with the number of nodes for which it holds. */
export function reasonsOf(message: string): Reason[] {
  const list = message.replace(/^.*?nodes? (are|is) available:\s*/s, "").replace(/[.\s]+$/, "");
  return list.split(/,\s*(?=\d+ )/).flatMap((each) => {
    const [, count, text] = /^(\d+) (.+)$/s.exec(each) ?? [];
    return count === undefined || text === undefined ? [] : [{ count: Number(count), text: text.replace(/\.$/, "") }];
  });
}

/**
 * The scheduler asks its plugins in this order, and stops at the first that says no: cordon, taints, node affinity, ports, resources,
 * then volumes, spread and affinity to other pods. So a node with a reason of the latter has the GPUs free.
 * https://github.com/kubernetes/kubernetes/blob/v1.34.2/pkg/scheduler/apis/config/v1/default_plugins.go
 */
const afterResources: readonly [RegExp, SymptomId][] = [
  [/volume node affinity conflict|no available volume zone|PersistentVolume's node affinity/i, "volume-zone"],
  [/exceed\w* max volume count/i, "volume-limit"],
  [/topology spread|(anti-)?affinity rules|pod (anti-)?affinity/i, "pod-spread"],
];

/** The reason that holds for the nodes that have the GPU: what is said of others is no news. */
function obstacle(message: string, nodes: readonly NodeView[] | undefined): Obstacle {
  const reasons = reasonsOf(message);
  for (const [pattern, id] of afterResources) {
    if (!reasons.some(({ text }) => pattern.test(text))) continue;
    const had = open(nodes ?? []).filter((node) => node.wanted > 0 && node.gpus >= node.wanted);
    return had.length === 0 ? { id } : { id, said: each(had, (node) => `has ${node.gpus} ${plural(node.gpus)}`) };
  }
  const told = byText(message, reasons);
  const concernsGpu =
    /insufficient (nvidia|amd|gpu\.intel)\.com|insufficient habana|taint|affinity\/selector|were unschedulable/i;
  const seen = concernsGpu.test(message) && told.id !== "scheduling-volume" && nodes ? gpuObstacle(nodes) : undefined;
  if (!seen || !nodes) return ambiguous(reasons, nodes) ? { id: "unschedulable" } : { id: told.id };
  return seen.id === "no-gpu-free" ? (shortOfElse(reasons, nodes) ?? seen) : seen;
}

const plural = (count: number): string => (count === 1 ? "GPU" : "GPUs");
const ofGpus = /^Insufficient (nvidia\.com|amd\.com|gpu\.intel\.com|habana\.ai)\//i;
const ofElse = /^Insufficient (cpu|memory|ephemeral-storage|pods)|^Too many pods/i;

/** Whether a GPU node has the GPUs free and lacks something else: workers without GPUs are counted as short of them, too. */
function shortOfElse(reasons: Reason[], nodes: readonly NodeView[]): { id: SymptomId; said: string } | undefined {
  const others = reasons.filter(({ text }) => ofElse.test(text));
  if (others.length === 0) return undefined;
  const usable = open(nodes);
  const large = usable.filter((node) => node.gpus >= node.wanted);
  const short = reasons.find(({ text }) => ofGpus.test(text))?.count ?? 0;
  const withoutGpu = usable.length - large.length;
  if (short - withoutGpu >= large.length) return undefined;
  const lacks = others.map(({ text }) => text.replace(/^Insufficient /i, "").toLowerCase()).join(", ");
  return {
    id: "insufficient-resources",
    said: each(large, (node) => `has ${node.gpus} ${plural(node.gpus)}; short is: ${lacks}`),
  };
}

/** Without the nodes: whether the reasons could each be the GPU node's. */
function ambiguous(reasons: Reason[], nodes: readonly NodeView[] | undefined): boolean {
  if (nodes !== undefined) return false;
  const own = reasons.filter(({ text }) => !controlPlane.test(text));
  return (
    own.some(({ text }) => ofGpus.test(text)) && own.some(({ text }) => /taint \{|affinity|unschedulable/i.test(text))
  );
}

/** A control-plane node's taint is no news: nobody expects a GPU there. */
const controlPlane = /untolerated taint \{node-role\.kubernetes\.io\/(master|control-plane)/;

function byText(message: string, reasons: Reason[]): Symptom {
  const own = reasons.filter(({ text }) => !controlPlane.test(text));
  const text = own.length === 0 || own.length === reasons.length ? message : own.map((each) => each.text).join(", ");
  const taints = [...text.matchAll(/untolerated taint \{([^:}]+)/g)].map(([, key = ""]) => conditionOf(key));
  const condition = taints.length > 0 && taints.every((id) => id !== undefined) ? taints[0] : undefined;
  const onlyTaints = condition !== undefined && own.every((each) => /untolerated taint/.test(each.text));
  return onlyTaints
    ? symptom(condition)
    : (findSymptom("scheduling", { text, reason: "Unschedulable" }) ?? symptom("unschedulable"));
}
