import { servesVllm } from "../lib/evidence";
import { podsOf } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";
import { isHeadless } from "../lib/server";
import { asNumber, at, UNKNOWN, type Value } from "../lib/values";

interface Settings {
  readonly minimumSeconds: number;
}

export const allowSlowStart = resourcePolicy<Settings>({
  name: "allow-slow-start",
  description:
    "A vLLM server has a startup probe that leaves it time to load, because a liveness probe kills it while it still " +
    "loads the weights, again and again.",
  url: "https://docs.vllm.ai/en/latest/deployment/k8s/#troubleshooting",
  symptom: "server-startup-too-slow",
  level: "mandatory",
  about: "servers",
  settings: {
    minimumSeconds: {
      type: "integer",
      minimum: 1,
      default: 720,
      description: "Seconds that the startup probe must allow: initialDelaySeconds + periodSeconds × failureThreshold.",
    },
  },
  *check(object, { minimumSeconds }): Iterable<Problem> {
    for (const container of podsOf(object).flatMap((pod) => pod.containers)) {
      if (!servesVllm(container) || container.pod.runsToCompletion || isHeadless(container)) continue;
      const probe = at(container.spec, "startupProbe");
      if (probe === UNKNOWN || (probe === undefined && !container.pod.whole)) continue;
      const allowed = probe === undefined ? 0 : allowedSeconds(probe);
      if (allowed === undefined || allowed >= minimumSeconds) continue;
      yield {
        container: container.name,
        field: "startupProbe",
        value: undefined,
        shown: probe === undefined ? "absent" : `allows ${allowed} s`,
        must: `allow at least ${minimumSeconds} s`,
        set: `set startupProbe: { httpGet: { path: "/health" }, periodSeconds: 30, failureThreshold: ${Math.ceil(minimumSeconds / 30)} }`,
      };
    }
  },
});

/** With Kubernetes' defaults; `undefined` if a part is not known. */
function allowedSeconds(probe: Value): number | undefined {
  const [delay, period, failures] = (
    [
      ["initialDelaySeconds", 0],
      ["periodSeconds", 10],
      ["failureThreshold", 3],
    ] as const
  ).map(([field, standard]) => {
    const value = at(probe, field);
    return value === undefined ? standard : asNumber(value);
  });
  if (delay === undefined || period === undefined || failures === undefined) return undefined;
  return delay + period * failures;
}
