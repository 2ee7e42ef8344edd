import type { KubernetesObject } from "./objects";
import { asText, at, entries } from "./values";

export function isRoute(object: KubernetesObject): boolean {
  return object.kind === "Route" && object.apiVersion.startsWith("route.openshift.io/");
}

/** Whether a Route leads to vLLM, as far as the Route itself tells: by what it names, or by its port or path. */
export function leadsToVllm(route: KubernetesObject): boolean {
  const names = [
    route.name,
    asText(at(route.value, "spec", "to", "name")) ?? "",
    ...entries(at(route.value, "metadata", "labels")).map(([, value]) => asText(value) ?? ""),
  ];
  const port = at(route.value, "spec", "port", "targetPort");
  const path = asText(at(route.value, "spec", "path")) ?? "";
  return names.some((name) => name.includes("vllm")) || port === 8000 || port === "8000" || path.startsWith("/v1");
}

export const everyRoute = {
  type: "boolean",
  default: false,
  description: "Judge every Route, not only those that lead to vLLM by their names, port 8000 or path /v1.",
} as const;

const units: Record<string, number> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of a router's duration such as `600s`; without a unit it is milliseconds. `undefined` if it is none. */
export function routerSeconds(text: string): number | undefined {
  const [, amount, unit = "ms"] = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * (units[unit] ?? NaN);
}
