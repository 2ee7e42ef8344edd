/** vLLM as the component starts it, and what differs here. */
import path from "node:path";
import { resolveArgs } from "../../components/args/resolve";
import { type ImageLine, imageLines, type LineName } from "../../components/images/lines";
import { server as serverContainer } from "../../components/manifests/server";
import { claudeModels } from "../../gateway/data/aliases";

/** What is not as on the cluster, and why. */
export const differences: Readonly<Record<string, string>> = {
  "--port": "several servers share this machine",
  VLLM_API_KEY: "stands for the Secret",
  VLLM_CPU_KVCACHE_SPACE: "on a CPU the cache's size (GiB) is set, not measured",
  HF_HUB_OFFLINE: "the model is there, and nothing may be fetched",
  VLLM_CACHE_ROOT: "what vLLM found out about the model's architecture is kept for the next time",
  VLLM_ENABLE_V1_MULTIPROCESSING: "one worker is in the engine's process, as on a GPU and otherwise not on a CPU",
  LD_PRELOAD: "vLLM 0.18.0 for CPU wants two names in it, and starts without the second library, too",
  OMP_NUM_THREADS: "a tiny model has no work for more",
};

export const modelId = "Tiny/Ping";
export const apiServer = "vllm.entrypoints.openai.api_server";

/** Names of Claude Code's, for the way without a gateway, where nothing translates them. */
export const directNames = [...Object.values(claudeModels).map(([first]) => first), "claude-haiku-4-5"];

/** The line of images that holds this vLLM; of a newer one than any, the line that it bounds. */
export function lineWith(version: string): LineName | undefined {
  const all: readonly (ImageLine & { name: LineName })[] = imageLines;
  const line = all.find(({ vllm }) => vllm === version) ?? all.find(({ between: [, upper] }) => upper === version);
  return line?.name;
}

/** vLLM's command line as the component renders it for an image of its line, with the tiny model's path on this machine. */
export function vllmProcess(
  modelsPath: string,
  port: number,
  imageLine: LineName | undefined,
): { args: string[]; env: Record<string, string>; names: string[] } {
  const names = [modelId, "Ping", ...directNames];
  // A digest tells no line, so that the setting does.
  const image = `registry.example.com/vllm@sha256:${"0".repeat(64)}`;
  const line = imageLine === undefined ? {} : { image, imageLine };
  const args = resolveArgs("vllm", { modelId, modelsPath, servedModelNames: names, ...line });
  const container = serverContainer(args);
  const command = [...(container.command as string[]).slice(1), ...(container.args as string[])];
  command[command.indexOf("--port") + 1] = String(port);
  const literal = (container.env as { name: string; value?: string }[]).flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { args: command, env: Object.fromEntries(literal), names: args.servedModelNames };
}

/** The same with the two mistakes. */
export function mistaken(args: readonly string[], wrongParser: string): string[] {
  const from = args.indexOf("--served-model-name");
  const to = args.findIndex((argument, index) => index > from && argument.startsWith("--"));
  const kept = [...args.slice(0, from), ...args.slice(to)];
  kept[kept.indexOf("--tool-call-parser") + 1] = wrongParser;
  return kept;
}

/** What a CPU and a tiny model ask for. */
export function onCpu(python: string, version: string): Record<string, string> {
  const preloaded = [path.join(path.dirname(python), "..", "lib", "libiomp5.so"), "libtcmalloc_minimal.so.4"];
  return {
    ...(version === "0.18.0" && { LD_PRELOAD: preloaded.join(":") }),
    VLLM_CPU_KVCACHE_SPACE: "1",
    VLLM_CACHE_ROOT: path.join(path.dirname(python), "..", "vllm-cache"),
    VLLM_ENABLE_V1_MULTIPROCESSING: "0",
    OMP_NUM_THREADS: "1",
    HF_HUB_OFFLINE: "1",
  };
}
