import { requireRoomForWeights } from "../../../../policies/stack/requireRoomForWeights";
import { claim, deployment, pod, server, stackWith, workload } from "../resources";
import { unknown, type PolicyCases, type Resource } from "../support";

const size = (storage: unknown): Resource => claim({ resources: { requests: { storage } } });
const serves = (model: string): ReturnType<typeof pod> =>
  pod({ containers: [server({ args: ["--model", `/models-cache/${model}`] })] });

/** Kubernetes' other ways to write a size, each of them too small. */
const tooSmall = (storage: unknown, shown: string): PolicyCases["cases"][number] => ({
  says: `a claim of ${shown}, which is too small`,
  given: stackWith(size(storage)),
  finds: [
    `PersistentVolumeClaim vllm-inference/vllm-models-cache: 'spec.resources.requests.storage' (${shown}) must hold ` +
      "Qwen/Qwen2.5-7B-Instruct-AWQ, 5.2 GiB of weights and 20 % more; set 7Gi.",
  ],
});

export default {
  policy: requireRoomForWeights,
  cases: [
    { says: "room for the model", given: stackWith() },
    {
      says: "a claim smaller than the weights",
      given: stackWith(size("4Gi")),
      finds: [
        `PersistentVolumeClaim vllm-inference/vllm-models-cache: 'spec.resources.requests.storage' ("4Gi") must hold ` +
          "Qwen/Qwen2.5-7B-Instruct-AWQ, 5.2 GiB of weights and 20 % more; set 7Gi.",
      ],
    },
    {
      says: "a claim without the head-room that the configuration asks for",
      given: stackWith(size("7Gi")),
      config: { headroomPercent: 100 },
      finds: [
        `PersistentVolumeClaim vllm-inference/vllm-models-cache: 'spec.resources.requests.storage' ("7Gi") must hold ` +
          "Qwen/Qwen2.5-7B-Instruct-AWQ, 5.2 GiB of weights and 100 % more; set 11Gi.",
      ],
    },
    {
      says: "two models on one claim, one in a StatefulSet and known from the configuration",
      given: [size("10G"), deployment(), workload("StatefulSet", serves("me/own"), {}, { name: "own" })],
      config: { weightsGiB: { "me/own": 6 } },
      finds: [
        `PersistentVolumeClaim vllm-inference/vllm-models-cache: 'spec.resources.requests.storage' ("10G") must hold ` +
          "Qwen/Qwen2.5-7B-Instruct-AWQ and me/own, 11.2 GiB of weights and 20 % more; set 14Gi.",
      ],
    },
    tooSmall("1e3", '"1e3"'),
    tooSmall(".5Gi", '".5Gi"'),
    tooSmall("4294967296000m", '"4294967296000m"'),
    tooSmall(4_000_000_000, "4000000000"),
    { says: "room in powers of ten", given: stackWith(size("3e10")) },
    { says: "room in a capital power of ten", given: stackWith(size("3E10")) },
    { says: "room in thousandths of a byte", given: stackWith(size("34359738368000m")) },
    { says: "room in a part of a larger unit", given: stackWith(size(".5Ti")) },
    { says: "room as a number", given: stackWith(size(30_000_000_000)) },
    { says: "a size that is none", given: stackWith(size("4 GB")) },
    { says: "a model that nobody knows", given: stackWith(size("1Gi"), deployment(serves("me/own"))) },
    { says: "no size", given: stackWith(claim({ resources: undefined })) },
    { says: "a size that is not known yet", given: stackWith(size(unknown)) },
    {
      says: "arguments that are not known yet",
      given: stackWith(size("1Gi"), deployment(pod({ containers: [server({ args: unknown })] }))),
    },
  ],
} satisfies PolicyCases;
