import { volumeMounts } from "../lib/containers";
import { servesVllm } from "../lib/evidence";
import { podsOf } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";
import { at, elements, isComplete, UNKNOWN } from "../lib/values";
import { parallelSize } from "../lib/server";

export const requireSharedMemory = resourcePolicy({
  name: "require-shared-memory",
  description:
    "A vLLM server on several GPUs mounts a memory-backed volume at /dev/shm, because NCCL fails with a container's " +
    "64 MiB of shared memory.",
  url: "https://docs.vllm.ai/en/latest/deployment/docker/",
  symptom: "server-shared-memory",
  level: "mandatory",
  about: "servers",
  *check(object): Iterable<Problem> {
    for (const container of podsOf(object).flatMap((pod) => pod.containers)) {
      const tensorParallelSize = parallelSize(container, "tensor-parallel-size", "-tp") ?? 1;
      if (tensorParallelSize < 2 || !servesVllm(container)) continue;
      const mounts = at(container.spec, "volumeMounts");
      const mount = volumeMounts(container).find(({ mountPath }) => mountPath === "/dev/shm");
      const volumes = at(container.pod.spec, "volumes");
      const volume = elements(volumes).find((candidate) => at(candidate, "name") === at(mount, "name"));
      const medium = at(volume, "emptyDir", "medium");
      if (mount && (medium === "Memory" || medium === UNKNOWN || at(mount, "name") === UNKNOWN)) continue;
      if (!isComplete(mounts) || !isComplete(volumes) || !container.pod.whole) continue;
      yield {
        container: container.name,
        field: "volumeMounts./dev/shm",
        value: undefined,
        ...(mount && { shown: "not in memory" }),
        must: `be in memory, because --tensor-parallel-size is ${tensorParallelSize}`,
        set: 'set a volume { emptyDir: { medium: "Memory", sizeLimit: "2Gi" } } mounted at /dev/shm',
      };
    }
  },
});
