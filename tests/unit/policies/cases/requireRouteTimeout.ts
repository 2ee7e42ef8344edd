import { requireRouteTimeout } from "../../../../policies/stack/requireRouteTimeout";
import { deployment, resource, route, stackWith } from "../resources";
import { unknown, type Json, type PolicyCases } from "../support";

const timeout = (value: unknown): { annotations: Json } => ({
  annotations: { "haproxy.router.openshift.io/timeout": value },
});
const finds = (shown: string, seconds = 600): string[] => [
  `Route vllm-inference/vllm: 'annotation haproxy.router.openshift.io/timeout' (${shown}) must be at least ${seconds}s; set "${seconds}s".`,
];

export default {
  policy: requireRouteTimeout,
  cases: [
    { says: "600 seconds", given: stackWith(route()) },
    { says: "ten minutes", given: stackWith(route({}, timeout("10m"))) },
    { says: "an hour", given: stackWith(route({}, timeout("1h"))) },
    { says: "no annotation", given: stackWith(route({}, { annotations: {} })), finds: finds("absent") },
    { says: "no annotations at all", given: stackWith(route({}, { annotations: undefined })), finds: finds("absent") },
    { says: "a minute", given: stackWith(route({}, timeout("60s"))), finds: finds('"60s"') },
    {
      says: "600 without a unit, which are milliseconds",
      given: stackWith(route({}, timeout("600"))),
      finds: finds('"600"'),
    },
    { says: "no duration", given: stackWith(route({}, timeout("long"))), finds: finds('"long"') },
    {
      says: "a minute where the configuration asks for no more",
      given: stackWith(route({}, timeout("60s"))),
      config: { minimumSeconds: 60 },
    },
    {
      says: "ten minutes where the configuration asks for twenty",
      given: stackWith(route()),
      config: { minimumSeconds: 1200 },
      finds: finds('"600s"', 1200),
    },
    {
      says: "a Route to something else",
      given: resource("route.openshift.io/v1:Route", "grafana", { spec: { to: { kind: "Service", name: "grafana" } } }),
    },
    { says: "a Deployment", given: deployment() },
    { says: "a Route called vllm that reaches nothing of the stack", given: route({}, { annotations: {} }) },
    { says: "a value that is not known yet", given: stackWith(route({}, timeout(unknown))) },
    { says: "annotations that are not known yet", given: stackWith(route({}, { annotations: unknown })) },
    {
      says: "a host that is not known yet beside a minute",
      given: stackWith(route({ host: unknown }, timeout("60s"))),
      finds: finds('"60s"'),
    },
  ],
} satisfies PolicyCases;
