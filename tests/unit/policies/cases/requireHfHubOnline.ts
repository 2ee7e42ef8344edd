import { requireHfHubOnline } from "../../../../policies/resource/requireHfHubOnline";
import { deployment, downloader, pod, server, workload } from "../resources";
import { unknown, type Json, type PolicyCases } from "../support";

const token = { name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "vllm-hf-token", key: "token" } } };
const withEnv = (...env: unknown[]): Json => pod({ initContainers: [downloader({ env: [token, ...env] })] });
const offline = (value: unknown): Json => ({ name: "HF_HUB_OFFLINE", value });
const must = (value: string, of = "Deployment vllm-inference/vllm, container model-downloader"): string =>
  `${of}: 'env.HF_HUB_OFFLINE' (${value}) must be the string "0" and nothing else; ` +
  `set env: { name: "HF_HUB_OFFLINE", value: "0" }.`;
const job = (container: Json): ReturnType<typeof workload> =>
  workload("Job", pod({ initContainers: undefined, restartPolicy: "Never", containers: [container] }));
const plain = { name: "fetch", image: "registry.example/python:3.12" };

export default {
  policy: requireHfHubOnline,
  cases: [
    { says: 'an init container that downloads with "0"', given: deployment() },
    { says: "an init container without the variable", given: deployment(withEnv()), finds: [must("absent")] },
    {
      says: "an init container on a RHAIIS image without any environment",
      given: deployment(pod({ initContainers: [downloader({ env: undefined })] })),
      finds: [must("absent")],
    },
    { says: "the number 0", given: deployment(withEnv(offline(0))), finds: [must("0")] },
    { says: "the boolean false", given: deployment(withEnv(offline(false))), finds: [must("false")] },
    { says: 'the string "1"', given: deployment(withEnv(offline("1"))), finds: [must('"1"')] },
    { says: "no value at all", given: deployment(withEnv({ name: "HF_HUB_OFFLINE" })), finds: [must("absent")] },
    {
      says: "a value from a ConfigMap",
      given: deployment(
        withEnv({ name: "HF_HUB_OFFLINE", valueFrom: { configMapKeyRef: { name: "hub", key: "offline" } } }),
      ),
      finds: [must('{"valueFrom":"…"}')],
    },
    {
      says: "twice with different values",
      given: deployment(withEnv(offline("0"), offline("1"))),
      finds: [must('"1"')],
    },
    { says: 'twice "0"', given: deployment(withEnv(offline("0"), offline("0"))) },
    {
      says: "a Job that runs hf download",
      given: job({ ...plain, command: ["hf", "download", "Qwen/Qwen2.5-7B"] }),
      finds: [must("absent", "Job vllm-inference/vllm, container fetch")],
    },
    {
      says: "a Job that runs huggingface-cli in a shell's line",
      given: job({
        ...plain,
        command: ["bash", "-c"],
        args: ["set -e\nhuggingface-cli download Qwen/Qwen2.5-7B --local-dir /m"],
      }),
      finds: [must("absent", "Job vllm-inference/vllm, container fetch")],
    },
    {
      says: "a Job whose Python calls snapshot_download",
      given: job({
        ...plain,
        command: ["python3", "-c", "from huggingface_hub import snapshot_download; snapshot_download('a/b')"],
      }),
      finds: [must("absent", "Job vllm-inference/vllm, container fetch")],
    },
    {
      says: "a server that fetches its model itself",
      given: deployment(pod({ containers: [server({ args: ["--model", "Qwen/Qwen2.5-7B"], env: [token] })] })),
      finds: [
        must("absent", "Deployment vllm-inference/vllm, container server").replace(
          /\.$/,
          ", or give the reason why the model is local in localModels.",
        ),
      ],
    },
    {
      says: "a server that loads a path and has a cache directory",
      given: deployment(pod({ containers: [server({ env: [{ name: "HF_HOME", value: "/tmp/hf" }] })] })),
    },
    {
      says: "a container that does not download",
      given: job({
        ...plain,
        command: ["python3", "-c", "print('hf is not called here')"],
        env: [{ name: "SHELF", value: "hf" }],
      }),
    },
    { says: "a value that is not known yet", given: deployment(withEnv(offline(unknown))) },
    {
      says: "a whole environment that is not known yet",
      given: deployment(pod({ initContainers: [downloader({ env: unknown })] })),
    },
    { says: "an entry that is not known yet and may be the variable", given: deployment(withEnv(unknown)) },
    {
      says: "an entry that is not known yet beside a wrong value",
      given: deployment(withEnv(unknown, offline("1"))),
      finds: [must('"1"')],
    },
  ],
} satisfies PolicyCases;
