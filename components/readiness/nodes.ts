import type { Node, PodSpec, Taint, Toleration } from "kubernetes-types/core/v1";
import { gpuResources } from "../args/gpuResource";
import type { Live } from "../cluster/objects";
import type { SymptomId } from "../symptoms";
import type { NodeView } from "./snapshot";

/**
 * How each node looks to a pod. The scheduler's message counts nodes and names neither them nor their taints, so it cannot tell
 * a GPU node with a taint from a worker without GPUs.
 */
export function nodes(objects: unknown[], pod: unknown): NodeView[] {
  const spec = (pod as { spec?: PodSpec }).spec ?? { containers: [] };
  const { resource, count } = wantedGpus(spec);
  return (objects as Live<Node>[]).map((node) => {
    const others = otherGpus(node, resource);
    return {
      name: node.metadata.name,
      gpus: Number(node.status?.allocatable?.[resource] ?? 0),
      wanted: count,
      ...(others.length > 0 && { others }),
      ...(node.spec?.unschedulable && { cordoned: true }),
      untolerated: (node.spec?.taints ?? [])
        .filter((taint) => taint.effect !== "PreferNoSchedule" && !tolerated(taint, spec.tolerations ?? []))
        .map((taint) => `${taint.key}${taint.value ? `=${taint.value}` : ""}:${taint.effect}`),
      unselected: Object.entries(spec.nodeSelector ?? {})
        .filter(([key, value]) => node.metadata.labels?.[key] !== value)
        .map(([key, value]) => `${key}=${value}`),
    };
  });
}

/** The GPU resource that a pod asks for, whole or a MIG slice. */
export function wantedGpus(spec: PodSpec): { resource: string; count: number } {
  const limits = spec.containers.flatMap((container) => Object.entries(container.resources?.limits ?? {}));
  const [resource = "nvidia.com/gpu", count = "0"] = limits.find(([name]) => gpuResources.test(name)) ?? [];
  return { resource, count: Number(count) };
}

/** GPUs that a node has under another name, as `2 × nvidia.com/mig-3g.20gb`. */
function otherGpus(node: Live<Node>, resource: string): string[] {
  return Object.entries(node.status?.allocatable ?? {})
    .filter(([name, count]) => gpuResources.test(name) && name !== resource && Number(count) > 0)
    .map(([name, count]) => `${count} × ${name}`);
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
function tolerated(taint: Taint, tolerations: Toleration[]): boolean {
  return tolerations.some(
    (toleration) =>
      (toleration.effect === undefined || toleration.effect === "" || toleration.effect === taint.effect) &&
      (toleration.operator === "Exists"
        ? toleration.key === undefined || toleration.key === "" || toleration.key === taint.key
        : toleration.key === taint.key && (toleration.value ?? "") === (taint.value ?? "")),
  );
}

/** Taints that tell of a node's condition: they go when it does, and nobody is to tolerate them. */
const conditions: readonly [RegExp, SymptomId][] = [
  [/^node\.kubernetes\.io\/unschedulable/, "node-cordoned"],
  [/^node\.kubernetes\.io\/\w+-pressure/, "node-pressure"],
  [/^(ToBeDeletedByClusterAutoscaler|DeletionCandidateOfClusterAutoscaler|karpenter\.sh\/disrupt)/, "node-leaving"],
  [/^node\.kubernetes\.io\/|^node\.cloudprovider\.kubernetes\.io\/|not-?ready|uninitialized/i, "node-not-ready"],
];

/** What a taint's key tells of its node, where it tells of a condition. */
export function conditionOf(taint: string): SymptomId | undefined {
  return conditions.find(([pattern]) => pattern.test(taint))?.[1];
}

/** Nodes that would take the pod if they had what it asks for. */
export function open(views: readonly NodeView[]): NodeView[] {
  return views.filter((node) => node.untolerated.length === 0 && node.unselected.length === 0 && !node.cordoned);
}

/** What keeps a pod that wants GPUs from the nodes that have them: the symptom's id and the nodes, or nothing known. */
export function gpuObstacle(views: readonly NodeView[]): { id: SymptomId; said: string } | undefined {
  const count = views[0]?.wanted ?? 0;
  if (count === 0) return undefined;
  const withGpu = views.filter((node) => node.gpus > 0);
  if (withGpu.length === 0) {
    const parts = views.filter((node) => node.others !== undefined);
    return parts.length > 0
      ? { id: "gpu-resource", said: each(parts, (node) => `has ${(node.others ?? []).join(", ")}`) }
      : { id: "no-gpu-node", said: `none of ${views.length} nodes has a GPU` };
  }
  const selected = withGpu.filter((node) => node.unselected.length === 0);
  if (selected.length === 0)
    return { id: "node-selector", said: each(withGpu, (node) => `lacks ${node.unselected.join(", ")}`) };
  const opened = open(selected);
  if (opened.length === 0) return closed(selected);
  const large = opened.filter((node) => node.gpus >= count);
  if (large.length === 0)
    return { id: "node-too-small", said: `asked for are ${count} GPUs; ${each(opened, (node) => `has ${node.gpus}`)}` };
  return {
    id: "no-gpu-free",
    said: `asked for are ${count} GPUs; ${each(large, (node) => `has ${node.gpus}, not that many of them free${heldBy(node)}`)}`,
  };
}

function heldBy({ holders = [] }: NodeView): string {
  if (holders.length === 0) return "";
  return ` (held by ${holders.slice(0, 3).join(", ")}${holders.length > 3 ? ` and ${holders.length - 3} more` : ""})`;
}

/** GPU nodes that are all closed to the pod: those that only their condition closes are the ones that were meant. */
function closed(selected: readonly NodeView[]): { id: SymptomId; said: string } {
  const meant = selected.filter((node) => node.untolerated.every((taint) => conditionOf(taint) !== undefined));
  if (meant.length === 0)
    return { id: "node-taint", said: each(selected, (node) => `has the taint ${foreign(node).join(", ")}`) };
  const id = conditionOfNode(meant[0]!);
  return { id, said: each(meant, (node) => `${says[conditionOfNode(node)] ?? "is closed"}${taintsOf(node)}`) };
}

const says: Partial<Record<SymptomId, string>> = {
  "node-cordoned": "is cordoned",
  "node-pressure": "is short of disk, memory or processes",
  "node-leaving": "is about to be taken away",
  "node-not-ready": "is not ready",
};

function foreign({ untolerated }: NodeView): string[] {
  return untolerated.filter((taint) => conditionOf(taint) === undefined);
}

function taintsOf({ untolerated, cordoned }: NodeView): string {
  const told = untolerated.filter((taint) => !(cordoned && conditionOf(taint) === "node-cordoned"));
  return told.length === 0 ? "" : ` (${told.join(", ")})`;
}

/** A node that does not answer says no more than that; what else is the matter shows once it does. */
function conditionOfNode({ untolerated, cordoned }: NodeView): SymptomId {
  const ids = untolerated.map(conditionOf);
  const first = (["node-not-ready", "node-leaving", "node-pressure"] as const).find((id) => ids.includes(id));
  return first ?? (cordoned || ids.includes("node-cordoned") ? "node-cordoned" : "node-taint");
}

/** What is said of the first few nodes. */
export function each(views: readonly NodeView[], say: (node: NodeView) => string): string {
  const shown = views.slice(0, 3).map((node) => `${node.name} ${say(node)}`);
  return [...shown, ...(views.length > 3 ? [`and ${views.length - 3} more`] : [])].join("; ");
}
