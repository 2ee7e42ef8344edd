import { allowSlowStart } from "../../../../policies/resource/allowSlowStart";
import { deployment, downloader, pod, resource, server, workload } from "../resources";
import { unknown, type Json, type PolicyCases } from "../support";

const of = (startupProbe: unknown): Json => pod({ containers: [server({ startupProbe })] });
const health = { httpGet: { path: "/health", port: 8000 } };
const finds = (shown: string, seconds = 720, failures = 24, kind = "Deployment"): string[] => [
  `${kind} vllm-inference/vllm, container server: 'startupProbe' (${shown}) must allow at least ${seconds} s; set ` +
    `startupProbe: { httpGet: { path: "/health" }, periodSeconds: 30, failureThreshold: ${failures} }.`,
];

export default {
  policy: allowSlowStart,
  cases: [
    { says: "12 minutes", given: deployment() },
    {
      says: "12 minutes, some of them before the first try",
      given: deployment(of({ ...health, initialDelaySeconds: 120, failureThreshold: 60 })),
    },
    { says: "no probe", given: deployment(of(undefined)), finds: finds("absent") },
    { says: "Kubernetes' own 30 seconds", given: deployment(of(health)), finds: finds("allows 30 s") },
    {
      says: "10 minutes in a StatefulSet",
      given: workload("StatefulSet", of({ ...health, periodSeconds: 10, failureThreshold: 60 })),
      finds: finds("allows 600 s", 720, 24, "StatefulSet"),
    },
    {
      says: "12 minutes where the configuration asks for 20",
      given: deployment(),
      config: { minimumSeconds: 1200 },
      finds: finds("allows 720 s", 1200, 40),
    },
    {
      says: "10 minutes where the configuration asks for 5",
      given: deployment(of({ ...health, failureThreshold: 60 })),
      config: { minimumSeconds: 300 },
    },
    { says: "an init container, which needs none", given: deployment(pod({ initContainers: [downloader()] })) },
    {
      says: "a sidecar among the init containers without a probe",
      given: deployment(
        pod({ initContainers: [server({ restartPolicy: "Always", startupProbe: undefined })], containers: [] }),
      ),
      finds: finds("absent"),
    },
    {
      says: "a Job that runs a batch and ends",
      given: workload(
        "Job",
        pod({
          restartPolicy: "Never",
          containers: [server({ command: ["vllm", "run-batch"], startupProbe: undefined })],
        }),
      ),
    },
    {
      says: "a KServe runtime, where the probe may come from the InferenceService",
      given: resource("serving.kserve.io/v1alpha1:ServingRuntime", "vllm", {
        spec: { containers: [server({ startupProbe: undefined })] },
      }),
    },
    { says: "a probe that is not known yet", given: deployment(of(unknown)) },
    { says: "a period that is not known yet", given: deployment(of({ ...health, periodSeconds: unknown })) },
  ],
} satisfies PolicyCases;
