import { requireApiKeyBehindRoute } from "../../../../policies/stack/requireApiKeyBehindRoute";
import { deployment, pod, route, server, service, stackWith, workload } from "../resources";
import { unknown, type Json, type PolicyCases } from "../support";

const open = (env: unknown = []): Json => pod({ containers: [server({ env })] });
const key = (kind = "Deployment"): string =>
  `${kind} vllm-inference/vllm, container server: 'env.VLLM_API_KEY' (absent) must be set, because Route vllm-inference/vllm ` +
  "is public; set valueFrom: { secretKeyRef: … }, or remove the Route.";
const path = (shown: string): string =>
  `Route vllm-inference/vllm: 'spec.path' (${shown}) must limit the Route to what the API key guards in ` +
  `Deployment vllm-inference/vllm, container server; set path: "/v1".`;

export default {
  policy: requireApiKeyBehindRoute,
  cases: [
    { says: "a key and a path", given: stackWith() },
    {
      says: "a key as argument from the environment",
      given: stackWith(deployment(pod({ containers: [server({ env: [], args: ["--api-key", "$(KEY)"] })] }))),
    },
    { says: "no key", given: stackWith(deployment(open())), finds: [key()] },
    {
      says: "an empty key",
      given: stackWith(deployment(open([{ name: "VLLM_API_KEY", value: "" }]))),
      finds: [key()],
    },
    {
      says: "a Route for all addresses",
      given: stackWith(
        route({}, { annotations: { "haproxy.router.openshift.io/ip_allowlist": "10.0.0.0/8 0.0.0.0/0" } }),
        deployment(open()),
      ),
      finds: [key()],
    },
    { says: "no environment", given: stackWith(deployment(open(undefined))), finds: [key()] },
    {
      says: "no key in a StatefulSet",
      given: [route(), service(), workload("StatefulSet", open())],
      finds: [key("StatefulSet")],
    },
    { says: "no path", given: stackWith(route({ path: undefined })), finds: [path("absent")] },
    { says: "the path of everything", given: stackWith(route({ path: "/" })), finds: [path('"/"')] },
    { says: "no Route", given: [service(), deployment(open())] },
    {
      says: "a Route for some addresses only",
      given: stackWith(
        route({ path: "/" }, { annotations: { "haproxy.router.openshift.io/ip_allowlist": "10.0.0.0/8" } }),
        deployment(open()),
      ),
    },
    {
      says: "a proxy with its own authentication before the server",
      given: stackWith(
        route({ path: undefined }),
        service({ ports: [{ name: "http", port: 443, targetPort: 8443 }] }),
        deployment(
          pod({
            containers: [
              server({ env: [] }),
              { name: "proxy", image: "registry.example/oauth-proxy:1.0.0", ports: [{ containerPort: 8443 }] },
            ],
          }),
        ),
      ),
    },
    { says: "an environment that may hold the key", given: stackWith(deployment(open([unknown]))) },
    {
      says: "an environment from a Secret",
      given: stackWith(
        deployment(pod({ containers: [server({ env: [], envFrom: [{ secretRef: { name: "vllm-api-key" } }] })] })),
      ),
    },
    {
      says: "a path that is not known yet beside no key",
      given: stackWith(route({ path: unknown }), deployment(open())),
      finds: [key()],
    },
  ],
} satisfies PolicyCases;
