import { flag, flagText } from "../lib/commandLine";
import { accelerators, image, programs, repository } from "../lib/containers";
import { servesVllm } from "../lib/evidence";
import { podsOf, type Container } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";
import { asNumber, at, elements, UNKNOWN } from "../lib/values";
import { parallelSize, serverProgram, serverWords } from "../lib/server";

export const matchGpuLimit = resourcePolicy({
  name: "match-gpu-limit",
  description:
    "A vLLM server's GPU limit equals tensor-parallel × pipeline-parallel (× data-parallel) size, because with fewer it does not start " +
    "and with more some stand idle.",
  url: "https://docs.vllm.ai/en/latest/serving/parallelism_scaling/",
  symptom: "no-gpu-free",
  level: "mandatory",
  about: "servers",
  *check(object): Iterable<Problem> {
    for (const container of podsOf(object).flatMap((pod) => pod.containers)) {
      if (!servesVllm(container) || spansNodes(container) || runsOnCpu(container) || hasStages(container)) continue;
      const needed = neededGpus(container);
      const given = accelerators(container);
      if (needed === undefined || (given === undefined && !container.pod.whole)) continue;
      if (given === undefined && elements(at(container.spec, "resources", "claims")).length > 0) continue;
      const amount = given === undefined ? 0 : asNumber(given.amount);
      if (amount === undefined || amount === needed) continue;
      yield {
        container: container.name,
        field: `resources.limits.${given?.resource ?? "nvidia.com/gpu"}`,
        value: given?.amount,
        must: `be ${needed}, the product of the parallel sizes`,
        set: `set limits: { "${given?.resource ?? "nvidia.com/gpu"}": ${needed} }`,
      };
    }
  },
});

function neededGpus(container: Container): number | undefined {
  const sizes = [
    parallelSize(container, "tensor-parallel-size", "-tp"),
    parallelSize(container, "pipeline-parallel-size", "-pp"),
    parallelSize(container, "data-parallel-size", "-dp"),
  ];
  return sizes.reduce((product, size) => (product === undefined || size === undefined ? undefined : product * size), 1);
}

/** Several pods share the work: how many GPUs each has is not in the arguments. */
function spansNodes(container: Container): boolean {
  const words = serverWords(container);
  const apart = ["nnodes", "node-rank", "data-parallel-size-local", "data-parallel-start-rank"];
  if (flagText(words, "distributed-executor-backend") === "ray") return true;
  if (/^(?:LeaderWorkerSet|Ray\w+|JobSet|PyTorchJob)$/.test(container.pod.object.kind)) return true;
  // `ray start` before the server, or KServe's workers beside it.
  const started = programs(container);
  const joins = started !== UNKNOWN && started.some(({ name }) => name === "ray");
  const workers = at(container.pod.spec, "workerSpec") ?? at(container.pod.object.value, "spec", "worker");
  return joins || workers !== undefined || apart.some((name) => Array.isArray(flag(words, name)));
}

/** vLLM-Omni runs several models, each on the GPUs that its own file of stages gives it: https://github.com/vllm-project/vllm-omni */
function hasStages(container: Container): boolean {
  return serverProgram(container)?.name === "vllm-omni" || Array.isArray(flag(serverWords(container), "omni"));
}

function runsOnCpu(container: Container): boolean {
  const name =
    repository(image(container) ?? "")
      .split("/")
      .at(-1) ?? "";
  return name.includes("cpu") || flagText(serverWords(container), "device") === "cpu";
}
