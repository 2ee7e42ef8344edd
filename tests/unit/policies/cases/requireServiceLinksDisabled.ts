import { requireServiceLinksDisabled } from "../../../../policies/resource/requireServiceLinksDisabled";
import { change, deployment, downloader, pod, resource, server, workload } from "../resources";
import { unknown, type PolicyCases } from "../support";

const must = "must be false, and absent means true; set enableServiceLinks: false.";
const web = { name: "vllm", image: "registry.example/web:1.2.3", ports: [{ containerPort: 8000 }] };
const args = ["--model", "/models/x"];

export default {
  policy: requireServiceLinksDisabled,
  cases: [
    { says: "a Deployment with enableServiceLinks false", given: deployment() },
    {
      says: "a Deployment without the field",
      given: deployment(pod({ enableServiceLinks: undefined })),
      finds: [`Deployment vllm-inference/vllm: 'spec.template.spec.enableServiceLinks' (absent) ${must}`],
    },
    {
      says: "a Pod with true",
      given: workload("Pod", pod({ enableServiceLinks: true })),
      finds: [`Pod vllm-inference/vllm: 'spec.enableServiceLinks' (true) ${must}`],
    },
    {
      says: "a StatefulSet with the text false",
      given: workload("StatefulSet", pod({ enableServiceLinks: "false" })),
      finds: [`StatefulSet vllm-inference/vllm: 'spec.template.spec.enableServiceLinks' ("false") ${must}`],
    },
    {
      says: "a CronJob that runs `vllm serve` through a shell",
      given: workload(
        "CronJob",
        change(pod({ enableServiceLinks: undefined, restartPolicy: "Never" }), {
          containers: [
            {
              name: "batch",
              image: "registry.example/batch:1.0.0",
              command: ["sh", "-c", "cd /m && exec vllm serve /m"],
            },
          ],
        }),
      ),
      finds: [`CronJob vllm-inference/vllm: 'spec.jobTemplate.spec.template.spec.enableServiceLinks' (absent) ${must}`],
    },
    {
      says: "a bare PodTemplate",
      given: workload("PodTemplate", pod({ enableServiceLinks: undefined })),
      finds: [`PodTemplate vllm-inference/vllm: 'template.spec.enableServiceLinks' (absent) ${must}`],
    },
    {
      says: "a container known by its image alone",
      given: deployment(pod({ enableServiceLinks: undefined, containers: [server({ command: undefined, args })] })),
      finds: [`Deployment vllm-inference/vllm: 'spec.template.spec.enableServiceLinks' (absent) ${must}`],
    },
    {
      says: "a container with a GPU that listens on 8000",
      given: deployment(
        pod({
          enableServiceLinks: undefined,
          containers: [server({ command: ["/start"], args, image: "registry.example/llm:1" })],
        }),
      ),
      finds: [`Deployment vllm-inference/vllm: 'spec.template.spec.enableServiceLinks' (absent) ${must}`],
    },
    {
      says: "a sidecar among the init containers that serves",
      given: deployment(
        pod({
          enableServiceLinks: undefined,
          initContainers: [server({ restartPolicy: "Always" })],
          containers: [{ name: "web", image: "registry.example/web:1.2.3" }],
        }),
      ),
      finds: [`Deployment vllm-inference/vllm: 'spec.template.spec.enableServiceLinks' (absent) ${must}`],
    },
    {
      says: "a container that is only named vllm",
      given: deployment(pod({ enableServiceLinks: undefined, initContainers: undefined, containers: [web] })),
    },
    {
      says: "a client that talks to a Service named vllm",
      given: workload(
        "Pod",
        pod({
          enableServiceLinks: undefined,
          initContainers: undefined,
          containers: [
            { name: "smoke", image: "registry.example/curl:8", command: ["curl", "http://vllm:8000/health"] },
          ],
        }),
      ),
    },
    {
      says: "a Job on the server's image that downloads",
      given: workload(
        "Job",
        pod({
          enableServiceLinks: undefined,
          initContainers: undefined,
          containers: [downloader()],
          restartPolicy: "Never",
        }),
      ),
    },
    {
      says: "a CUDA probe on the server's image",
      given: workload(
        "Pod",
        pod({
          enableServiceLinks: undefined,
          restartPolicy: "Never",
          initContainers: undefined,
          containers: [server({ command: ["bash", "-c", "nvidia-smi"], args: undefined, ports: undefined })],
        }),
      ),
    },
    { says: "a value that is not known yet", given: deployment(pod({ enableServiceLinks: unknown })) },
    {
      says: "an unknown environment and unknown arguments beside a known image",
      given: deployment(pod({ enableServiceLinks: undefined, containers: [server({ env: unknown, args: unknown })] })),
      finds: [`Deployment vllm-inference/vllm: 'spec.template.spec.enableServiceLinks' (absent) ${must}`],
    },
    {
      says: "a KServe InferenceService in vLLM's format",
      given: resource("serving.kserve.io/v1beta1:InferenceService", "granite", {
        spec: { predictor: { model: { modelFormat: { name: "vLLM" }, runtime: "vllm-runtime" } } },
      }),
      finds: [`InferenceService vllm-inference/granite: 'spec.predictor.enableServiceLinks' (absent) ${must}`],
    },
    {
      says: "a KServe ServingRuntime, which has no such field",
      given: resource("serving.kserve.io/v1alpha1:ServingRuntime", "vllm-runtime", {
        spec: { containers: [server()] },
      }),
    },
  ],
} satisfies PolicyCases;
