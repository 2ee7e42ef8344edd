import type { NodeView } from "./snapshot";

// The API server's JSON, as far as it is read here.
interface Taint {
  key: string;
  value?: string;
  effect: string;
}
interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
}
interface RawNode {
  metadata: { name: string; labels?: Record<string, string> };
  spec?: { unschedulable?: boolean; taints?: Taint[] };
  status?: { allocatable?: Record<string, string> };
}
interface RawPodSpec {
  nodeSelector?: Record<string, string>;
  tolerations?: Toleration[];
  containers?: { resources?: { limits?: Record<string, string> } }[];
}

/**
 * How each node looks to a pod. The scheduler's message counts nodes and names neither them nor their taints, so it cannot tell
 * a GPU node with a taint from a worker without GPUs.
 */
export function nodes(objects: unknown[], pod: unknown): NodeView[] {
  const spec = (pod as { spec?: RawPodSpec }).spec ?? {};
  return (objects as RawNode[]).map((node) => ({
    name: node.metadata.name,
    gpus: gpusOf(node, wanted(spec).resource),
    wanted: wanted(spec).count,
    ...(node.spec?.unschedulable && { cordoned: true }),
    untolerated: (node.spec?.taints ?? [])
      .filter((taint) => taint.effect !== "PreferNoSchedule" && !tolerated(taint, spec.tolerations ?? []))
      .map((taint) => `${taint.key}${taint.value ? `=${taint.value}` : ""}:${taint.effect}`),
    unselected: Object.entries(spec.nodeSelector ?? {})
      .filter(([key, value]) => node.metadata.labels?.[key] !== value)
      .map(([key, value]) => `${key}=${value}`),
  }));
}

/** The GPU resource that a pod asks for, whole or a MIG slice. */
function wanted(spec: RawPodSpec): { resource: string; count: number } {
  const limits = (spec.containers ?? []).flatMap((container) => Object.entries(container.resources?.limits ?? {}));
  const [resource = "nvidia.com/gpu", count = "0"] = limits.find(([name]) => name.startsWith("nvidia.com/")) ?? [];
  return { resource, count: Number(count) };
}

function gpusOf(node: RawNode, resource: string): number {
  return Number(node.status?.allocatable?.[resource] ?? 0);
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

/** What keeps a pod that wants GPUs from the nodes that have them: the symptom's id and the nodes, or nothing known. */
export function gpuObstacle(views: readonly NodeView[]): { id: string; said: string } | undefined {
  const count = views[0]?.wanted ?? 0;
  if (count === 0) return undefined;
  const withGpu = views.filter((node) => node.gpus > 0);
  if (withGpu.length === 0) return { id: "no-gpu-node", said: `none of ${views.length} nodes has a GPU` };
  const selected = withGpu.filter((node) => node.unselected.length === 0);
  if (selected.length === 0)
    return { id: "node-selector", said: each(withGpu, (node) => `lacks ${node.unselected.join(", ")}`) };
  const open = selected.filter((node) => node.untolerated.length === 0 && !node.cordoned);
  if (open.length === 0) {
    const why = (node: NodeView): string =>
      node.cordoned ? "is cordoned" : `has the taint ${node.untolerated.join(", ")}`;
    const cordoned = selected.every((node) => node.cordoned);
    return { id: cordoned ? "node-cordoned" : "node-taint", said: each(selected, why) };
  }
  const large = open.filter((node) => node.gpus >= count);
  if (large.length === 0)
    return { id: "node-too-small", said: `asked for are ${count} GPUs; ${each(open, (node) => `has ${node.gpus}`)}` };
  return {
    id: "no-gpu-free",
    said: `asked for are ${count} GPUs; ${each(large, (node) => `has ${node.gpus}, not that many of them free`)}`,
  };
}

function each(views: readonly NodeView[], say: (node: NodeView) => string): string {
  const shown = views.slice(0, 3).map((node) => `${node.name} ${say(node)}`);
  return [...shown, ...(views.length > 3 ? [`and ${views.length - 3} more`] : [])].join("; ");
}
