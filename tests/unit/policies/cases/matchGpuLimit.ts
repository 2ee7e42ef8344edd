import { matchGpuLimit } from "../../../../policies/resource/matchGpuLimit";
import { deployment, downloader, pod, resource, server, workload } from "../resources";
import { unknown, type Json, type PolicyCases } from "../support";

const of = (limits: unknown, ...args: unknown[]): Json =>
  pod({ containers: [server({ args: ["--model", "/m/a/b", ...args], resources: { limits } })] });
const gpu = (amount: unknown): Json => ({ "nvidia.com/gpu": amount });
const finds = (shown: string, needed: number, kind = "Deployment", of = "nvidia.com/gpu"): string[] => [
  `${kind} vllm-inference/vllm, container server: 'resources.limits.${of}' (${shown}) must be ${needed}, the product of ` +
    `the parallel sizes; set limits: { "${of}": ${needed} }.`,
];

export default {
  policy: matchGpuLimit,
  cases: [
    { says: "one GPU for one", given: deployment() },
    { says: "four GPUs for two by two", given: deployment(of(gpu("4"), "-tp", "2", "--pipeline-parallel-size=2")) },
    { says: "a number instead of a text", given: deployment(of(gpu(2), "--tensor-parallel-size", "2")) },
    { says: "a slice of a GPU", given: deployment(of({ "nvidia.com/mig-3g.20gb": "1" })) },
    { says: "no GPU", given: deployment(of({ cpu: "8" })), finds: finds("absent", 1) },
    {
      says: "no resources at all",
      given: deployment(pod({ containers: [server({ resources: undefined })] })),
      finds: finds("absent", 1),
    },
    {
      says: "one GPU for two, in a StatefulSet",
      given: workload("StatefulSet", of(gpu("1"), "--tensor-parallel-size=2")),
      finds: finds('"1"', 2, "StatefulSet"),
    },
    {
      says: "two GPUs for the stages of vLLM-Omni",
      given: deployment(
        pod({
          containers: [server({ command: ["vllm", "serve", "/m"], args: ["--omni"], resources: { limits: gpu(2) } })],
        }),
      ),
    },
    {
      says: "two GPUs for the program of vLLM-Omni",
      given: deployment(
        pod({
          containers: [server({ command: ["vllm-omni", "serve", "/m"], args: [], resources: { limits: gpu(2) } })],
        }),
      ),
    },
    {
      says: "two GPUs for vLLM-Omni's image",
      given: deployment(
        pod({
          containers: [
            server({
              image: "vllm/vllm-omni:v0.20.0",
              command: undefined,
              args: ["/m", "--omni"],
              resources: { limits: gpu(2) },
            }),
          ],
        }),
      ),
    },
    { says: "four GPUs for one", given: deployment(of(gpu(4))), finds: finds("4", 1) },
    {
      says: "two GPUs of another maker for four",
      given: deployment(of({ "amd.com/gpu": "2" }, "-tp", "4")),
      finds: finds('"2"', 4, "Deployment", "amd.com/gpu"),
    },
    {
      says: "a sidecar among the init containers with one GPU for two",
      given: deployment(
        pod({ initContainers: [server({ restartPolicy: "Always", args: ["-tp", "2"] })], containers: [] }),
      ),
      finds: finds('"1"', 2),
    },
    {
      says: "an init container that downloads without one",
      given: deployment(pod({ initContainers: [downloader()] })),
    },
    {
      says: "a server for CPUs",
      given: deployment(
        pod({ containers: [server({ image: "registry.example/vllm-cpu:1.0.0", resources: undefined })] }),
      ),
    },
    {
      says: "a device from a resource claim",
      given: deployment(pod({ containers: [server({ resources: { claims: [{ name: "gpu" }] } })] })),
    },
    {
      says: "several pods that share the work",
      given: deployment(of(gpu("1"), "-tp", "1", "-pp", "2", "--distributed-executor-backend", "ray")),
    },
    {
      says: "a script whose arguments nobody sees",
      given: deployment(
        pod({ containers: [server({ command: ["/start.sh"], args: undefined, resources: { limits: gpu("4") } })] }),
      ),
    },
    {
      says: "a KServe runtime, whose GPUs come from the InferenceService",
      given: resource("serving.kserve.io/v1alpha1:ServingRuntime", "vllm", {
        spec: { containers: [server({ resources: undefined })] },
      }),
    },
    { says: "a limit that is not known yet", given: deployment(of(gpu(unknown), "-tp", "2")) },
    { says: "a size that is not known yet", given: deployment(of(gpu("1"), "-tp", unknown)) },
    { says: "an argument that may be the size", given: deployment(of(gpu("2"), unknown)) },
  ],
} satisfies PolicyCases;
