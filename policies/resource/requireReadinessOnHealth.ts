import { servesVllm } from "../lib/evidence";
import { podsOf } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";
import { isHeadless } from "../lib/server";
import { at, UNKNOWN } from "../lib/values";

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
