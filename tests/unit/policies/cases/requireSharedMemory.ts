import { requireSharedMemory } from "../../../../policies/resource/requireSharedMemory";
import { deployment, pod, server, workload } from "../resources";
import { unknown, type Json, type PolicyCases } from "../support";

const models = { name: "models", persistentVolumeClaim: { claimName: "vllm-models-cache" } };
const of = (size: unknown, volume?: unknown, mounted = true): Json =>
  pod({
    containers: [
      server({
        args: ["--model", "/m/a/b", "--tensor-parallel-size", size],
        volumeMounts: [
          { name: "models", mountPath: "/m" },
          ...(mounted ? [{ name: "shm", mountPath: "/dev/shm" }] : []),
        ],
      }),
    ],
    volumes: [models, ...(volume === undefined ? [] : [volume])],
  });
const memory = { name: "shm", emptyDir: { medium: "Memory", sizeLimit: "2Gi" } };
const finds = (shown: string, kind = "Deployment"): string[] => [
  `${kind} vllm-inference/vllm, container server: 'volumeMounts./dev/shm' (${shown}) must be in memory, because ` +
    `--tensor-parallel-size is 2; set a volume { emptyDir: { medium: "Memory", sizeLimit: "2Gi" } } mounted at /dev/shm.`,
];

export default {
  policy: requireSharedMemory,
  cases: [
    { says: "one GPU without shared memory", given: deployment() },
    { says: "two GPUs with shared memory", given: deployment(of("2", memory)) },
    { says: "two GPUs without a mount", given: deployment(of("2", memory, false)), finds: finds("absent") },
    {
      says: "two GPUs with a volume on disk, in a StatefulSet",
      given: workload("StatefulSet", of("2", { name: "shm", emptyDir: {} })),
      finds: finds("not in memory", "StatefulSet"),
    },
    {
      says: "no volumes at all",
      given: deployment(
        pod({ containers: [server({ args: ["-tp", "2"], volumeMounts: undefined })], volumes: undefined }),
      ),
      finds: finds("absent"),
    },
    {
      says: "a sidecar among the init containers without shared memory",
      given: deployment(
        pod({ initContainers: [server({ restartPolicy: "Always", args: ["-tp=2"] })], containers: [] }),
      ),
      finds: finds("absent"),
    },
    { says: "a size that is not known yet", given: deployment(of(unknown)) },
    {
      says: "a medium that is not known yet",
      given: deployment(of("2", { name: "shm", emptyDir: { medium: unknown } })),
    },
    {
      says: "volumes that are not known yet",
      given: deployment(pod({ containers: [server({ args: ["-tp", "2"] })], volumes: unknown })),
    },
  ],
} satisfies PolicyCases;
