import { requireReadinessOnHealth } from "../../../../policies/resource/requireReadinessOnHealth";
import { deployment, downloader, pod, server, workload } from "../resources";
import { unknown, type Json, type PolicyCases } from "../support";

const of = (readinessProbe: unknown): Json => pod({ containers: [server({ readinessProbe })] });
const finds = (shown: string, kind = "Deployment"): string[] => [
  `${kind} vllm-inference/vllm, container server: 'readinessProbe.httpGet.path' (${shown}) must be "/health"; ` +
    `set readinessProbe: { httpGet: { path: "/health", port: <the server's> } }.`,
];

export default {
  policy: requireReadinessOnHealth,
  cases: [
    { says: "a probe on /health", given: deployment() },
    { says: "no probe", given: deployment(of(undefined)), finds: finds("absent") },
    {
      says: "a probe on the port alone, in a StatefulSet",
      given: workload("StatefulSet", of({ tcpSocket: { port: 8000 } })),
      finds: finds("absent", "StatefulSet"),
    },
    {
      says: "a probe on /metrics, which answers while the model loads",
      given: deployment(of({ httpGet: { path: "/metrics" } })),
      finds: finds('"/metrics"'),
    },
    { says: "an init container, which needs none", given: deployment(pod({ initContainers: [downloader()] })) },
    {
      says: "a sidecar among the init containers without a probe",
      given: deployment(
        pod({ initContainers: [server({ restartPolicy: "Always", readinessProbe: undefined })], containers: [] }),
      ),
      finds: finds("absent"),
    },
    { says: "a probe that is not known yet", given: deployment(of(unknown)) },
    { says: "a path that is not known yet", given: deployment(of({ httpGet: { path: unknown } })) },
  ],
} satisfies PolicyCases;
