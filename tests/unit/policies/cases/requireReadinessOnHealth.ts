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
    {
      says: "a command that counts nodes and then asks /health",
      given: deployment(
        of({
          exec: { command: ["bash", "-c", "ray status | grep -q node_ && curl -sf http://localhost:8080/health"] },
        }),
      ),
    },
    {
      says: "a command that asks for the model's name",
      given: deployment(of({ exec: { command: ["sh", "-c", "curl -s localhost:8000/v1/models | grep -q qwen"] } })),
    },
    {
      says: "a script that nobody can see into",
      given: deployment(of({ exec: { command: ["python", "/opt/checks/ready.py"] } })),
    },
    { says: "a command that is not known yet", given: deployment(of({ exec: { command: [unknown] } })) },
    {
      says: "a command that looks for a process",
      given: deployment(of({ exec: { command: ["pgrep", "-f", "vllm"] } })),
      finds: finds("absent"),
    },
    {
      says: "a command that looks for a file",
      given: deployment(of({ exec: { command: ["sh", "-c", "test -f /tmp/healthy"] } })),
      finds: finds("absent"),
    },
    { says: "a probe that is not known yet", given: deployment(of(unknown)) },
    { says: "a path that is not known yet", given: deployment(of({ httpGet: { path: unknown } })) },
  ],
} satisfies PolicyCases;
