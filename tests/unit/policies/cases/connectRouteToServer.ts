import { connectRouteToServer } from "../../../../policies/stack/connectRouteToServer";
import { deployment, pod, route, server, service, stackWith, workload } from "../resources";
import { unknown, type PolicyCases } from "../support";

export default {
  policy: connectRouteToServer,
  cases: [
    { says: "Route, Service and Deployment that line up", given: stackWith() },
    { says: "a named port", given: stackWith(service({ ports: [{ name: "http", port: 80, targetPort: "http" }] })) },
    { says: "a Route to the pod's port", given: stackWith(route({ port: { targetPort: 8000 } })) },
    { says: "a Route to the only port of a Service", given: stackWith(route({ port: undefined })) },
    {
      says: "a server that declares no port",
      given: stackWith(deployment(pod({ containers: [server({ ports: undefined })] }))),
    },
    {
      says: "a start script that may listen anywhere",
      given: stackWith(
        deployment(pod({ containers: [server({ command: ["/start.sh"], args: undefined, ports: undefined })] })),
        service({ ports: [{ name: "http", port: 8000, targetPort: 9000 }] }),
      ),
    },
    {
      says: "a Route to a Service that does not exist",
      given: stackWith(route({ to: { kind: "Service", name: "vlm" } })),
      finds: [`Route vllm-inference/vllm: 'spec.to.name' ("vlm") must be a Service of the stack; set "vllm".`],
    },
    {
      says: "a Route to a port's name that the Service does not have",
      given: stackWith(route({ port: { targetPort: "https" } })),
      finds: [
        `Route vllm-inference/vllm: 'spec.port.targetPort' ("https") must be a port of Service vllm-inference/vllm; set http.`,
      ],
    },
    {
      says: "a Service that selects nothing",
      given: stackWith(service({ selector: { app: "llm" } })),
      finds: [
        `Service vllm-inference/vllm: 'spec.selector' ({"app":"llm"}) must select pods of the stack; set the labels of the server's pod template.`,
      ],
    },
    {
      says: "a Service that leads to a port where nobody listens",
      given: stackWith(service({ ports: [{ name: "http", port: 8000, targetPort: 8080 }] })),
      finds: [
        `Service vllm-inference/vllm: 'spec.ports.http.targetPort' (8080) must be a port of Deployment vllm-inference/vllm; set 8000.`,
      ],
    },
    {
      says: "a Service that leads past a StatefulSet",
      given: [service({ ports: [{ name: "http", port: 80, targetPort: "web" }] }), workload("StatefulSet")],
      finds: [
        `Service vllm-inference/vllm: 'spec.ports.http.targetPort' ("web") must be a port of StatefulSet vllm-inference/vllm; set 8000.`,
      ],
    },
    {
      says: "a Deployment that does not select its own pods",
      given: stackWith(deployment(pod(), { selector: { matchLabels: { app: "vllm", tier: "gpu" } } })),
      finds: [
        `Deployment vllm-inference/vllm: 'spec.template.metadata.labels.tier' (absent) must be "gpu" as in the selector; set the label on the pod template.`,
      ],
    },
    { says: "a Route and a Service for a server from elsewhere", given: [route(), service()] },
    {
      says: "a Service in another namespace",
      given: [...stackWith(), service({ selector: { app: "other" } }, { namespace: "other" })],
    },
    { says: "a name that is not known yet", given: stackWith(route({ to: { kind: "Service", name: unknown } })) },
    {
      says: "a Service whose name is not known yet",
      given: stackWith(route({ to: { kind: "Service", name: "vllm-1a2b3c" } }), service({}, { name: unknown })),
    },
    {
      says: "ports and a selector that are not known yet",
      given: stackWith(service({ ports: unknown, selector: unknown })),
    },
  ],
} satisfies PolicyCases;
