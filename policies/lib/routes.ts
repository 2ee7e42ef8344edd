import type { KubernetesObject } from "./objects";

export function isRoute(object: KubernetesObject): boolean {
  return object.kind === "Route" && object.apiVersion.startsWith("route.openshift.io/");
}

export const everyRoute = {
  type: "boolean",
  default: false,
  description: "Judge every Route, not only those that reach a vLLM server of the stack.",
} as const;

const units: Record<string, number> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of a router's duration such as `600s`; without a unit it is milliseconds. `undefined` if it is none. */
export function routerSeconds(text: string): number | undefined {
  const [, amount, unit = "ms"] = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * (units[unit] ?? NaN);
}
