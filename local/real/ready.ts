/** Whether the node and its pods are ready, after a start that a cluster may not have noticed. */
import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { Api, pathOf } from "../simulation/api";
import { nodeName } from "./programs";

/**
 * Before the kubelet starts again: says of the node and its pods that they are not ready, as the control plane does 40 s after a node has fallen
 * silent. One that is back sooner would be taken for ready until its kubelet has looked at each pod.
 */
export async function forgetReadiness(kubeconfig: string): Promise<void> {
  const api = new Api(kubeconfig);
  const { items: nodes } = await api.list<V1Node>("/api/v1/nodes");
  const { items: pods } = await api.list<V1Pod>(`/api/v1/pods?fieldSelector=spec.nodeName%3D${nodeName}`);
  for (const [kind, objects] of [["Node", nodes] as const, ["Pod", pods] as const]) {
    for (const { metadata, status } of objects) {
      const conditions = (status?.conditions ?? []).map((condition) =>
        /Ready$/.test(condition.type) ? { ...condition, status: "False" } : condition,
      );
      await api.merge(`${pathOf({ kind, metadata: metadata! })}/status`, { status: { conditions } });
    }
  }
}

/** Nothing is scheduled to a node that has not told the API server of itself. */
export async function isNodeReady(kubeconfig: string): Promise<boolean> {
  const { items } = await new Api(kubeconfig).list<V1Node>("/api/v1/nodes");
  return items.some(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
  );
}
