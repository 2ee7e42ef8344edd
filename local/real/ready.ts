/** Whether the node and its pods are ready, after a start that a cluster may not have noticed. */
import { readFileSync } from "node:fs";
import { request } from "node:https";
import type { V1Node, V1Pod, V1Service } from "@kubernetes/client-node";
import { clusterLayout } from "../cluster/spec";
import { Api, pathOf } from "../simulation/api";
import { nodeLayout } from "./layout";
import { nodeNetwork } from "./network";
import { nodeName } from "./programs";
import type { Route } from "./router/config";

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
  return items.some(isReady);
}

/**
 * Whether a model that is said to serve answers at its Route. A kubelet that has been started again says of the containers which it finds that
 * they are ready, seconds before it begins to probe them, and then that they are not; and the router hears of it all a moment later.
 */
export async function answers(stateDir: string, namespace: string): Promise<boolean> {
  const api = new Api(clusterLayout(stateDir).kubeconfig);
  const [{ items: pods }, metrics, { items: services }, { items: routes }] = await Promise.all([
    api.list<V1Pod>(pathOf({ kind: "Pod", metadata: { namespace } })),
    api.text(`/api/v1/nodes/${nodeName}/proxy/metrics/probes`),
    api.list<V1Service>(pathOf({ kind: "Service", metadata: { namespace } })),
    api.list<Route>(`/apis/route.openshift.io/v1/namespaces/${namespace}/routes`),
  ]);
  if (!areProbed(pods, metrics)) return false;
  const ready = pods.filter(isReady);
  const leadsTo = (service: string): boolean => {
    const labels = Object.entries(services.find(({ metadata }) => metadata?.name === service)?.spec?.selector ?? {});
    return ready.some(
      ({ metadata }) => labels.length > 0 && labels.every(([name, value]) => metadata?.labels?.[name] === value),
    );
  };
  const own = routes.filter(({ spec: { tls, to } }) => tls?.termination === "edge" && leadsTo(to.name));
  return (await Promise.all(own.map((route) => statusOf(route, stateDir)))).every(
    (status) => status !== undefined && status !== 503,
  );
}

/** Whether each pod that is said to be ready has passed a probe since the kubelet's start: what its metrics count. */
export function areProbed(pods: readonly V1Pod[], metrics: string): boolean {
  const passed = new Set(
    metrics.split("\n").flatMap((line) => {
      if (!/^prober_probe_total\{.*probe_type="Readiness",result="successful"/.test(line)) return [];
      return [`${/pod_uid="([^"]*)"/.exec(line)?.[1]}/${/container="([^"]*)"/.exec(line)?.[1]}`];
    }),
  );
  return pods.every(
    (pod) =>
      !isReady(pod) ||
      pod.spec!.containers.every(
        ({ name, readinessProbe }) => !readinessProbe || passed.has(`${pod.metadata!.uid}/${name}`),
      ),
  );
}

const isReady = ({ status }: V1Node | V1Pod): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;

/** What the router answers for a Route; undefined where it does not. */
function statusOf({ spec: { host = "", path = "/" } }: Route, stateDir: string): Promise<number | undefined> {
  const { dir, routerCa } = nodeLayout(stateDir);
  const options = {
    host: nodeNetwork(dir).node,
    servername: host,
    headers: { host },
    ca: readFileSync(routerCa),
    path,
  };
  return new Promise((resolve) => {
    const sent = request({ ...options, agent: false, timeout: 30_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 30 s")));
    sent.on("error", () => resolve(undefined));
    sent.end();
  });
}
