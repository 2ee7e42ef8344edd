import type * as k8s from "@pulumi/kubernetes/types/input";
import type { ProbeFigures } from "../args/args";
import { lineKnows } from "../images/known";
import { apiKeyKey, serverContainer, serverPort } from "../args/names";
import { isNvidia } from "../args/gpuResource";
import { loraRank } from "../args/lora";
import type { ResolvedArgs } from "../args/resolve";
import { templateMount, templatePath } from "./chatTemplate";
import { type Mount, cacheEnvironment, containerSecurity, pullPolicy, volumeMounts } from "./volumes";

export const httpPort = { name: "http", containerPort: serverPort, protocol: "TCP" };

/** What the server is started with, as `--flag value` pairs in one list. */
export function serverArguments(args: ResolvedArgs): string[] {
  return [
    ["--model", args.modelPath],
    ["--served-model-name", ...args.servedModelNames],
    ["--port", String(httpPort.containerPort)],
    ["--dtype", args.dtype],
    ["--max-model-len", String(args.maxModelLen)],
    ["--max-num-seqs", String(args.maxNumSeqs)],
    ["--gpu-memory-utilization", String(args.gpuMemoryUtilization)],
    ["--tensor-parallel-size", String(args.tensorParallelSize)],
    args.enforceEager ? ["--enforce-eager"] : [],
    args.enableAutoToolChoice ? ["--enable-auto-tool-choice", "--tool-call-parser", args.toolCallParser] : [],
    args.reasoningParser === undefined ? [] : ["--reasoning-parser", args.reasoningParser],
    args.kvCacheDtype === "auto" ? [] : ["--kv-cache-dtype", args.kvCacheDtype],
    args.maxNumBatchedTokens === undefined ? [] : ["--max-num-batched-tokens", String(args.maxNumBatchedTokens)],
    args.chatTemplate === undefined ? [] : ["--chat-template", templatePath],
    args.trustRemoteCode === undefined ? [] : ["--trust-remote-code"],
    loraArguments(args),
    shutdownTimeout(args),
    args.extraArgs,
  ].flat();
}

/** Each adapter has a slot of its own, so that no request waits until another adapter is out of the GPU. */
function loraArguments({ loraAdapters, modelsPath }: ResolvedArgs): string[] {
  if (loraAdapters.length === 0) return [];
  const modules = loraAdapters.map(({ name, modelId }) => `${name}=${modelsPath}/${modelId}`);
  const slots = ["--max-loras", String(loraAdapters.length), "--max-lora-rank", String(loraRank(loraAdapters))];
  return ["--enable-lora", ...slots, "--lora-modules", ...modules];
}

/** Seconds that the server needs to end once the last request is answered. */
const exitSeconds = 5;

/** Where vLLM can, it answers what it has begun before it ends: in what the pause leaves of the grace period. */
function shutdownTimeout({
  line,
  terminationGracePeriodSeconds: grace,
  preStopSleepSeconds: pause,
}: ResolvedArgs): string[] {
  const seconds = grace - pause - exitSeconds;
  if (seconds < 1 || line === undefined || lineKnows(line, "flags", "--shutdown-timeout") !== true) return [];
  return ["--shutdown-timeout", String(seconds)];
}

export function server(args: ResolvedArgs): k8s.core.v1.Container {
  return {
    name: serverContainer,
    image: args.image,
    imagePullPolicy: pullPolicy(args.image),
    command: ["python", "-m", "vllm.entrypoints.openai.api_server"],
    args: serverArguments(args),
    env: environment(args),
    ports: [httpPort],
    resources: withGpus(args),
    startupProbe: probe(args.startupProbe),
    readinessProbe: probe(args.readinessProbe),
    livenessProbe: probe(args.livenessProbe),
    // Without --shutdown-timeout vLLM aborts running requests on SIGTERM, and routers notice a stopping pod only after a while.
    lifecycle: { preStop: { exec: { command: ["sleep", String(args.preStopSleepSeconds)] } } },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: volumeMounts(args, serverMounts(args)),
    ...containerSecurity(args),
  };
}

/** Volumes that only the server mounts. NCCL needs more shared memory than a container has. */
export function serverMounts(args: ResolvedArgs): Mount[] {
  const source = { emptyDir: { medium: "Memory", sizeLimit: args.sharedMemorySize } };
  const shared: Mount = { name: "shared-memory", mountPath: "/dev/shm", source };
  return args.chatTemplate === undefined ? [shared] : [shared, templateMount(args)];
}

function environment(args: ResolvedArgs): k8s.core.v1.EnvVar[] {
  const plain: Record<string, string> = {
    ...(isNvidia(args.gpuResource) && { NVIDIA_DRIVER_CAPABILITIES: "compute,utility" }),
    // On the claim the compile cache survives restarts.
    VLLM_CACHE_ROOT: `${args.modelsPath}/.vllm-cache`,
    ...(args.line?.sendsUsage && { DO_NOT_TRACK: "1" }),
    ...cacheEnvironment(args),
  };
  const variables: k8s.core.v1.EnvVar[] = Object.entries(plain).map(([name, value]) => ({ name, value }));
  if (args.apiKeyEnabled) {
    const secretKeyRef = { name: args.names.apiKeySecret, key: apiKeyKey };
    variables.push({ name: "VLLM_API_KEY", valueFrom: { secretKeyRef } });
  }
  const own = Object.entries(args.env).map(([name, value]) =>
    typeof value === "string" ? { name, value } : { name, valueFrom: value },
  );
  return [...variables, ...own];
}

function withGpus({ resources, gpuResource, tensorParallelSize }: ResolvedArgs): k8s.core.v1.ResourceRequirements {
  const gpus = { [gpuResource]: String(tensorParallelSize) };
  return { requests: { ...resources.requests, ...gpus }, limits: { ...resources.limits, ...gpus } };
}

function probe(figures: ProbeFigures): k8s.core.v1.Probe {
  return { httpGet: { path: "/health", port: httpPort.name }, ...figures };
}
