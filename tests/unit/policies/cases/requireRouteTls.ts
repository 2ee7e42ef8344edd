import { requireRouteTls } from "../../../../policies/stack/requireRouteTls";
import { resource, route, service, stackWith } from "../resources";
import { unknown, type PolicyCases } from "../support";

const termination = (shown: string): string =>
  `Route vllm-inference/vllm: 'spec.tls.termination' (${shown}) must be "edge"; ` +
  `set tls: { termination: "edge", insecureEdgeTerminationPolicy: "Redirect" }.`;
const insecure = (shown: string): string =>
  `Route vllm-inference/vllm: 'spec.tls.insecureEdgeTerminationPolicy' (${shown}) must be "Redirect"; ` +
  `set insecureEdgeTerminationPolicy: "Redirect".`;
const dashboard = {
  to: { kind: "Service", name: "grafana" },
  port: { targetPort: 3000 },
  path: undefined,
  tls: undefined,
};

export default {
  policy: requireRouteTls,
  cases: [
    { says: "edge with Redirect", given: stackWith(route()) },
    {
      says: "reencrypt with Redirect",
      given: stackWith(route({ tls: { termination: "reencrypt", insecureEdgeTerminationPolicy: "Redirect" } })),
    },
    { says: "no TLS", given: stackWith(route({ tls: undefined })), finds: [termination("absent"), insecure("absent")] },
    {
      says: "edge without a policy",
      given: stackWith(route({ tls: { termination: "edge" } })),
      finds: [insecure("absent")],
    },
    {
      says: "edge that also takes plain HTTP",
      given: stackWith(route({ tls: { termination: "edge", insecureEdgeTerminationPolicy: "Allow" } })),
      finds: [insecure('"Allow"')],
    },
    {
      says: "passthrough",
      given: stackWith(route({ tls: { termination: "passthrough", insecureEdgeTerminationPolicy: "Redirect" } })),
      finds: [termination('"passthrough"')],
    },
    {
      says: "a Route to something else",
      given: resource("route.openshift.io/v1:Route", "grafana", { spec: dashboard }),
    },
    {
      says: "a Route to something else where the configuration wants every one",
      given: route(dashboard, { name: "vllm", labels: {} }),
      config: { everyRoute: true },
      finds: [termination("absent"), insecure("absent")],
    },
    { says: "a Service", given: service() },
    { says: "a Route called vllm that reaches nothing of the stack", given: route({ tls: undefined }) },
    {
      says: "a termination that is not known yet",
      given: stackWith(route({ tls: { termination: unknown, insecureEdgeTerminationPolicy: unknown } })),
    },
    {
      says: "a host and a termination that are not known yet beside Allow",
      given: stackWith(route({ host: unknown, tls: { termination: unknown, insecureEdgeTerminationPolicy: "Allow" } })),
      finds: [insecure('"Allow"')],
    },
  ],
} satisfies PolicyCases;
