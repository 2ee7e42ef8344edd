import { resourcePolicy, type Problem } from "../lib/policy";
import { everyRoute, isRoute, leadsToVllm } from "../lib/routes";
import { at, UNKNOWN } from "../lib/values";

interface Settings {
  readonly everyRoute: boolean;
}

export const requireRouteTls = resourcePolicy<Settings>({
  name: "require-route-tls",
  description:
    "A Route to vLLM ends TLS at the router and redirects plain HTTP, because the API key and the prompts travel with " +
    "every request.",
  url: "https://docs.openshift.com/container-platform/latest/networking/routes/secured-routes.html",
  level: "mandatory",
  settings: { everyRoute },
  *check(object, settings): Iterable<Problem> {
    if (!isRoute(object) || !(settings.everyRoute || leadsToVllm(object))) return;
    const termination = at(object.value, "spec", "tls", "termination");
    // With reencrypt the router ends TLS too; with passthrough it can neither redirect nor see the path.
    if (termination !== "edge" && termination !== "reencrypt" && termination !== UNKNOWN) {
      yield {
        field: "spec.tls.termination",
        value: termination,
        must: 'be "edge"',
        set: 'set tls: { termination: "edge", insecureEdgeTerminationPolicy: "Redirect" }',
      };
    }
    const insecure = at(object.value, "spec", "tls", "insecureEdgeTerminationPolicy");
    if (insecure !== "Redirect" && insecure !== UNKNOWN) {
      yield {
        field: "spec.tls.insecureEdgeTerminationPolicy",
        value: insecure,
        must: 'be "Redirect"',
        set: 'set insecureEdgeTerminationPolicy: "Redirect"',
      };
    }
  },
});
