import { stackPolicy, type StackProblem } from "../lib/policy";
import { everyRoute } from "../lib/routes";
import { judgedRoutes } from "../lib/stack";
import { at, UNKNOWN } from "../lib/values";

interface Settings {
  readonly everyRoute: boolean;
}

export const requireRouteTls = stackPolicy<Settings>({
  name: "require-route-tls",
  description:
    "A Route to vLLM ends TLS at the router and redirects plain HTTP, because the API key and the prompts travel with " +
    "every request.",
  url: "https://docs.openshift.com/container-platform/latest/networking/routes/secured-routes.html",
  level: "mandatory",
  settings: { everyRoute },
  *check(objects, settings): Iterable<StackProblem> {
    for (const object of judgedRoutes(objects, settings.everyRoute)) {
      const termination = at(object.value, "spec", "tls", "termination");
      // With reencrypt the router ends TLS too; with passthrough it can neither redirect nor see the path.
      if (termination !== "edge" && termination !== "reencrypt" && termination !== UNKNOWN) {
        yield {
          object,
          field: "spec.tls.termination",
          value: termination,
          must: 'be "edge"',
          set: 'set tls: { termination: "edge", insecureEdgeTerminationPolicy: "Redirect" }',
        };
      }
      const insecure = at(object.value, "spec", "tls", "insecureEdgeTerminationPolicy");
      if (insecure !== "Redirect" && insecure !== UNKNOWN) {
        yield {
          object,
          field: "spec.tls.insecureEdgeTerminationPolicy",
          value: insecure,
          must: 'be "Redirect"',
          set: 'set insecureEdgeTerminationPolicy: "Redirect"',
        };
      }
    }
  },
});
