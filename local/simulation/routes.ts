import type { KubernetesObject } from "@kubernetes/client-node";
import { type Api, pathOf } from "./api";

/** A Route, as far as a router looks into it. */
export interface Route extends KubernetesObject {
  spec: { host?: string; path?: string; wildcardPolicy?: string; to: { name: string } };
  status?: { ingress?: Ingress[] };
}

interface Ingress {
  host: string;
  routerName: string;
  routerCanonicalHostname: string;
  wildcardPolicy: string;
  conditions: { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }[];
}

/** Why a router does not serve a Route, or `undefined` if it does. */
export function refusal(
  route: Route,
  all: Iterable<Route>,
  fault?: string,
): { reason: string; message: string } | undefined {
  if (fault === "route-rejected") {
    return { reason: "RouteNotAdmitted", message: "host not in the allowed list of domains" };
  }
  const host = route.spec.host;
  for (const other of all) {
    if (other === route || other.spec.host !== host || !older(other, route)) continue;
    if (other.metadata?.namespace !== route.metadata?.namespace) {
      const message = `a route in another namespace holds ${host} and is older than ${route.metadata?.name}`;
      return { reason: "HostAlreadyClaimed", message };
    }
    if ((other.spec.path ?? "") === (route.spec.path ?? "")) {
      const message = `route ${other.metadata?.name} already exposes ${host} and is older`;
      return { reason: "HostAlreadyClaimed", message };
    }
  }
  return undefined;
}

function older(a: Route, b: Route): boolean {
  const [first, second] = [a, b].map(({ metadata }) => String(metadata?.creationTimestamp ?? ""));
  if (first !== second) return first! < second!;
  return (a.metadata?.uid ?? "") < (b.metadata?.uid ?? "");
}

/** What the router writes into a Route's status, or `undefined` when it says so already. */
export function ingressOf(
  route: Route,
  all: Iterable<Route>,
  fault: string | undefined,
  now: Date,
): Ingress | undefined {
  const host = route.spec.host;
  if (host === undefined || host === "" || fault === "route-unseen") return undefined;
  const refused = refusal(route, all, fault);
  const condition = { type: "Admitted", status: refused ? "False" : "True", ...refused };
  const [current] = route.status?.ingress ?? [];
  const said = current?.conditions.find(({ type }) => type === "Admitted");
  const same =
    said?.status === condition.status && said.reason === refused?.reason && said.message === refused?.message;
  if (current?.host === host && same) return undefined;
  return {
    host,
    routerName: "default",
    routerCanonicalHostname: "router-default.apps.local.test",
    wildcardPolicy: route.spec.wildcardPolicy ?? "None",
    conditions: [{ ...condition, lastTransitionTime: `${now.toISOString().slice(0, 19)}Z` }],
  };
}

/** Answers every Route as the router `default` would. */
export async function admitRoutes(
  api: Api,
  routes: Iterable<Route>,
  faultOf: (namespace: string) => string | undefined,
): Promise<void> {
  const all = [...routes];
  for (const route of all) {
    const ingress = ingressOf(route, all, faultOf(route.metadata?.namespace ?? ""), new Date());
    if (ingress)
      await api.merge(`${pathOf({ ...route, apiVersion: "route.openshift.io/v1", kind: "Route" })}/status`, {
        status: { ingress: [ingress] },
      });
  }
}
