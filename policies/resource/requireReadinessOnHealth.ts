import { servesVllm } from "../lib/evidence";
import { podsOf } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";
import { isHeadless } from "../lib/server";
import { asText, at, elements, UNKNOWN, type Value } from "../lib/values";

export const requireReadinessOnHealth = resourcePolicy({
  name: "require-readiness-on-health",
  description:
    "A vLLM server has a readiness probe on /health, because the Route otherwise sends requests to a pod that does not " +
    "answer yet.",
  url: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#readiness-probe",
  symptom: "route-answers-503",
  level: "mandatory",
  about: "servers",
  *check(object): Iterable<Problem> {
    for (const container of podsOf(object).flatMap((pod) => pod.containers)) {
      if (!servesVllm(container) || container.pod.runsToCompletion || isHeadless(container)) continue;
      const probe = at(container.spec, "readinessProbe");
      const path = at(probe, "httpGet", "path");
      if (path === UNKNOWN || path === "/health" || (probe === undefined && !container.pod.whole)) continue;
      if (asksItself(at(probe, "exec", "command"))) continue;
      yield {
        container: container.name,
        field: "readinessProbe.httpGet.path",
        value: path,
        must: 'be "/health"',
        set: 'set readinessProbe: { httpGet: { path: "/health", port: <the server\'s> } }',
      };
    }
  },
});

/** A command that asks the server, as far as can be seen: what stands in a script's file may ask it, too. */
function asksItself(command: Value | undefined): boolean {
  const words = elements(command);
  return words.some((word) => word === UNKNOWN || /\/health\b|\/v1\/models\b|\.(?:sh|py)\b/.test(asText(word) ?? ""));
}
