import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { V1Pod } from "@kubernetes/client-node";

/** When in a container's life a fault strikes: at once, or when the model has been loaded. */
type Moment = "start" | "load";

/**
 * A fault that a namespace's pods can be given (`simulate(…, { fault })`). Texts are what the real programs print, with `{model}`,
 * `{owner}`, `{mount}`, `{image}`, `{repository}` and `{tag}` for what the pod's own specification says.
 */
export type Fault =
  | {
      kind: "crash";
      container: "model-downloader" | "server";
      exitCode: number;
      reason: "Error" | "OOMKilled";
      at: Moment;
      log: string[];
    }
  | { kind: "image"; message: string }
  | { kind: "create"; message: string }
  /** Played by the simulation's process: the sandbox and Secrets of a pod, or a Route. */
  | { kind: "process"; what: string };

const downloader = (exitCode: number, at: Moment, error: string, ...before: string[]): Fault => ({
  kind: "crash",
  container: "model-downloader",
  exitCode,
  reason: "Error",
  at,
  log: [...before, `error: ${error}`].map((line) => `model-downloader: ${line}`),
});

const server = (exitCode: number, at: Moment, log: string[]): Fault => ({
  kind: "crash",
  container: "server",
  exitCode,
  reason: "Error",
  at,
  log,
});

/**
 * An engine that dies of something, and the API server after it, as vLLM 0.32.0 printed both when it was recorded
 * (tests/recorded/vllm-0.32.0/truncated-shard.txt): 130 lines lie between the cause and the end.
 */
const engineCrash = (root: string, at: Moment): Fault =>
  server(
    1,
    at,
    linesOf("engine.txt").map((line) => line.replaceAll("{root}", root)),
  );

function linesOf(crash: string): string[] {
  return readFileSync(join(__dirname, "crashes", crash), "utf8")
    .trimEnd()
    .split("\n");
}

/**
 * What a kubelet keeps of a container's output with `FallbackToLogsOnError`: the last 80 lines, and of those the last 2,048 bytes.
 * https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
 */
export function terminationMessage(log: readonly string[]): string {
  const bytes = Buffer.from(`${log.slice(-80).join("\n")}\n`);
  return bytes.subarray(Math.max(0, bytes.length - 2048)).toString();
}

/** Every fault by name. */
export const faults: Record<string, Fault> = {
  // https://github.com/containers/image prints these; CRI-O passes them on
  "image-not-found": {
    kind: "image",
    message: "initializing source docker://{image}: reading manifest {tag} in {repository}: manifest unknown",
  },
  "image-credentials": {
    kind: "image",
    message:
      "initializing source docker://{image}: unable to retrieve auth token: invalid username/password: unauthorized: " +
      "Please login to the Red Hat Registry using your Customer Portal credentials. Further instructions can be found here: " +
      "https://access.redhat.com/RegistryAuthentication",
  },

  // The sentences of components/downloader/download.py and its exit codes, as a real node kept them (tests/recorded/node).
  "downloader-unauthorized": downloader(
    10,
    "start",
    "unauthorized: https://huggingface.co/{model} is not to be had with this token (HTTP 401, Invalid credentials in Authorization header); " +
      "check the model id and set a token that may read it. The licence of a gated model is accepted on that page.",
  ),
  "downloader-not-found": downloader(
    11,
    "start",
    "not-found: {model}@main is not at https://huggingface.co (HTTP 404, Repository not found); check the model id and the revision.",
  ),
  "downloader-offline": downloader(
    12,
    "start",
    'offline: {model}@main is not complete on the volume and offline mode is enabled; set HF_HUB_OFFLINE="0" for this container.',
  ),
  "downloader-network": downloader(
    13,
    "start",
    "network: DNS: the name huggingface.co does not resolve ([Errno -2] Name or service not known); gave up after 12 tries " +
      "(300 s without progress are allowed).",
  ),
  "downloader-disk-full": downloader(
    14,
    "start",
    "disk-full: No space left on device: {model}@main needs 5.6 GB more, 262.1 kB of 31.5 GB are free on {mount}; enlarge the claim.",
    "{model}@main is commit 000000000000: 4 of its 4 files are needed, 5.6 GB",
  ),
  "downloader-permission-denied": downloader(
    15,
    "start",
    "permission-denied: Permission denied for uid 1000660000, gid 0: [Errno 13] Permission denied: '{mount}/{owner}'; " +
      "the volume must be writable.",
  ),

  // vllm/envs.py, get_vllm_port: in the engine, which starts before the server looks for its port (tests/recorded/node).
  "server-vllm-port": engineCrash(
    "ValueError: VLLM_PORT 'tcp://172.30.101.24:8000' appears to be a URI. This may be caused by a Kubernetes service discovery issue," +
      "check the warning in: https://docs.vllm.ai/en/stable/serving/env_vars.html",
    "start",
  ),
  // The end of what vLLM 0.32.0 printed on a real node (tests/recorded/node).
  "server-unknown-argument": server(2, "start", linesOf("argument.txt")),
  // A driver older than the image's CUDA: torch cannot see the GPU.
  "server-cuda": engineCrash(
    "RuntimeError: Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions before calling NumCudaDevices() that might " +
      "have already set an error? Error 803: system has unsupported display driver / cuda driver combination",
    "start",
  ),
  // The same met one step earlier, by the NVIDIA runtime hook: the image's NVIDIA_REQUIRE_CUDA. The container is never created.
  "server-cuda-requirement": {
    kind: "create",
    message:
      "container create failed: error executing hook /usr/bin/nvidia-container-runtime-hook (exit code: 1): nvidia-container-cli: " +
      "requirement error: unsatisfied condition: cuda>=13.0 (NVIDIA_REQUIRE_CUDA), please update your driver to a newer version, or use an " +
      "earlier cuda container",
  },
  "server-out-of-memory": engineCrash(
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.75 GiB. GPU 0 has a total capacity of 22.06 GiB of which 1.21 GiB is " +
      "free. Including non-PyTorch memory, this process has 20.84 GiB memory in use.",
    "load",
  ),
  "server-oom-killed": {
    kind: "crash",
    container: "server",
    exitCode: 137, // SIGKILL
    reason: "OOMKilled",
    at: "load",
    log: ["(EngineCore_DP0 pid=68) INFO [gpu_model_runner.py:2602] Starting to load model {mount}/{model}..."],
  },

  "runtime-handler": {
    kind: "process",
    what: "CRI-O knows no runtime handler nvidia: no sandbox, an event every few seconds",
  },
  "missing-secret": { kind: "process", what: "the first Secret that a container refers to is reported missing" },
  "route-unseen": { kind: "process", what: "no router selects the namespace: its Routes get no status" },
  "route-rejected": { kind: "process", what: "the router refuses every Route of the namespace" },
};

/** The placeholders' values, from the pod's specification. */
export function valuesOf(pod: V1Pod): Record<string, string> {
  const init = pod.spec?.initContainers?.[0];
  const env = (name: string): string | undefined => init?.env?.find((one) => one.name === name)?.value;
  const image = (init ?? pod.spec?.containers[0])?.image ?? "";
  const model = env("MODEL_ID") ?? "Qwen/Qwen2.5-7B-Instruct-AWQ";
  return {
    model,
    owner: model.replace(/\/.*/, ""),
    mount: env("MODELS_PATH") ?? "/models-cache",
    image,
    repository: image.replace(/[:@][^/]*$/, ""),
    tag: /[^:@/]+$/.exec(image)?.[0] ?? "latest",
  };
}

/** A text with its placeholders filled in. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{(model|owner|mount|image|repository|tag)\}/g, (_, name: string) => values[name] ?? "");
}
