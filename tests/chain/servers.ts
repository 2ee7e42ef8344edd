/**
 * The processes of the chain: vLLM started as the component's container is, LiteLLM as the gateway's, with the config file that it
 * renders. What differs from the cluster is listed in `differences`, and nothing else does, save that a second server is beside vLLM's.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { server as serverContainer } from "../../components/manifests/server";
import { resolveArgs } from "../../components/args/resolve";
import { defaultAliases } from "../../gateway/data/aliases";
import { type Rendered, render } from "../../gateway/render";
import { liteLlmContainer, type Environments, withDropParams, withOthers } from "./settings";

/** Where the tests find everything; the ring hands it to mocha as JSON in `CHAIN`. */
export interface Chain {
  readonly vllm: Server;
  /** Beside it, in front of the same engine, with two mistakes: no served name, and a parser that is not the model's. */
  readonly wrong: Server;
  readonly gateway: Server;
  /** The same with one mistake: it drops parameters for every model. */
  readonly dropping: Server;
  /** Python with LiteLLM. */
  readonly python: string;
  readonly payloads: Rendered["payloads"];
  readonly served: readonly string[];
  readonly modelPath: string;
}

export interface Server {
  /** Without `/v1`. */
  readonly url: string;
  readonly key: string;
}

/** What is not as on the cluster, and why. */
export const differences: Readonly<Record<string, string>> = {
  "--port": "several servers share this machine",
  VLLM_API_KEY: "stands for the Secret",
  VLLM_CPU_KVCACHE_SPACE: "on a CPU the cache's size (GiB) is set, not measured",
  HF_HUB_OFFLINE: "the model is there, and nothing may be fetched",
  VLLM_CACHE_ROOT: "what vLLM found out about the model's architecture is kept for the next time",
  VLLM_ENABLE_V1_MULTIPROCESSING: "one worker is in the engine's process, as on a GPU and otherwise not on a CPU",
  OMP_NUM_THREADS: "a tiny model has no work for more",
};

const modelId = "Tiny/Ping";
const loadSeconds = 480;
const apiServer = "vllm.entrypoints.openai.api_server";
const running = new Set<ChildProcess>();

/** vLLM's command line as the component renders it, with the tiny model's path on this machine. */
export function vllmProcess(
  modelsPath: string,
  port: number,
): { args: string[]; env: Record<string, string>; names: string[] } {
  const args = resolveArgs("vllm", { modelId, modelsPath });
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

/** Starts the servers, and tells `say` when each is ready. Who awaits it outlives a signal, so that `stop` is heard. */
export async function startChain(
  environments: Environments,
  say: (line: string) => void,
): Promise<{ chain: Chain; stop: () => Promise<void> }> {
  const folder = mkdtempSync(path.join(tmpdir(), "vllm-chain-"));
  // Servers in process groups of their own do not hear Ctrl-C: their wait ends with them.
  const abandon = (): void => running.forEach((child) => kill(child, "SIGKILL"));
  const endings = ["SIGINT", "SIGTERM", "SIGHUP", "exit"] as const;
  for (const ending of endings) process.on(ending, abandon);
  const stop = async (): Promise<void> => {
    await Promise.all([...running].map(end));
    for (const ending of endings) process.off(ending, abandon);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { chain: await start(environments, folder, say), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  { vllm: python, litellm, model }: Environments,
  folder: string,
  say: (line: string) => void,
): Promise<Chain> {
  const [vllmPort, wrongPort, gatewayPort, droppingPort] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const modelsPath = path.join(folder, "models-cache");
  const modelPath = path.join(modelsPath, modelId);
  mkdirSync(path.dirname(modelPath), { recursive: true });
  symlinkSync(model, modelPath);

  const { args, env, names } = vllmProcess(modelsPath, vllmPort);
  const keys = {
    vllm: "chain-key-0123456789",
    wrong: "chain-key-9876543210",
    gateway: "sk-chain-4f1c92d7a0b35e68c1d2",
  };
  const onCpu = {
    VLLM_CPU_KVCACHE_SPACE: "1",
    VLLM_CACHE_ROOT: path.join(path.dirname(python), "..", "vllm-cache"),
    VLLM_ENABLE_V1_MULTIPROCESSING: "0",
    OMP_NUM_THREADS: "1",
    HF_HUB_OFFLINE: "1",
  };
  const beside = [
    ...afterModule(mistaken(args, "pythonic")).map((each) => (each === String(vllmPort) ? String(wrongPort) : each)),
    "--api-key",
    keys.wrong,
  ];

  const rendered = render([
    {
      stack: "organization/vllm-inference/chain",
      modelId,
      servedModelNames: names,
      maxModelLen: 32_768,
      toolCallParser: "hermes",
      url: urlOf(vllmPort),
      aliases: defaultAliases,
      apiKey: keys.vllm,
    },
  ]);
  const config = path.join(folder, "config.yaml");
  const wrong = { url: urlOf(wrongPort), key: keys.wrong, model: modelPath };
  const entries = withOthers(rendered.config, wrong);
  writeFileSync(config, entries);
  const droppingConfig = path.join(folder, "dropping.yaml");
  writeFileSync(droppingConfig, withDropParams(entries));
  const gateway = liteLlmContainer(config, gatewayPort, folder);
  const dropping = liteLlmContainer(droppingConfig, droppingPort, folder);

  await Promise.all([
    launch(
      "vllm",
      python,
      [path.join(__dirname, "beside.py"), ...afterModule(args)],
      { ...env, ...onCpu, VLLM_API_KEY: keys.vllm, BESIDE: JSON.stringify(beside) },
      [vllmPort, wrongPort].map((port) => `${urlOf(port)}/health`),
      folder,
      say,
    ),
    launch(
      "litellm",
      litellm,
      [path.join(__dirname, "gateways.py"), JSON.stringify([gateway.args, dropping.args])],
      { ...gateway.env, ...rendered.environment, LITELLM_MASTER_KEY: keys.gateway },
      [gatewayPort, droppingPort].map((port) => `${urlOf(port)}${gateway.readinessPath}`),
      folder,
      say,
    ),
  ]);
  return {
    vllm: { url: urlOf(vllmPort), key: keys.vllm },
    wrong: { url: urlOf(wrongPort), key: keys.wrong },
    gateway: { url: urlOf(gatewayPort), key: keys.gateway },
    dropping: { url: urlOf(droppingPort), key: keys.gateway },
    python: litellm,
    payloads: rendered.payloads,
    served: names,
    modelPath,
  };
}

/** What follows `-m <module>`, which beside.py runs by itself. */
function afterModule([flag, name, ...args]: readonly string[]): string[] {
  if (flag !== "-m" || name !== apiServer) throw new Error(`the component starts ${flag} ${name}, not -m ${apiServer}`);
  return args;
}

/** Starts a server and waits until it is ready; the end of its log is in the error when it is not. */
async function launch(
  name: string,
  python: string,
  args: readonly string[],
  env: Record<string, string>,
  readyUrls: readonly string[],
  folder: string,
  say: (line: string) => void,
): Promise<void> {
  const log = path.join(folder, `${name}.log`);
  const output = openSync(log, "w");
  // No setting of this shell reaches it: a proxy or a Hub token would change what is tried.
  const inherited = { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", TMPDIR: folder };
  const child = spawn(python, args, {
    cwd: folder,
    env: { HOME: folder, ...inherited, ...env },
    stdio: ["ignore", output, output],
    detached: true, // a process group of its own: vLLM starts more processes
  });
  running.add(child);
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      kill(child, "SIGKILL"); // what it has started
      running.delete(child);
      reject(new Error(`${name} ended with ${code ?? signal}`));
    });
  });
  ended.catch(() => undefined);
  const started = performance.now();
  try {
    await Promise.race([Promise.all(readyUrls.map(ready)), ended]);
  } catch (error) {
    const last = readFileSync(log, "utf8").trimEnd().split("\n").slice(-40).join("\n");
    throw new Error(`${name} did not start: ${(error as Error).message}\n${last}`, { cause: error });
  }
  say(`${name} is ready after ${((performance.now() - started) / 1000).toFixed(0)} s`);
}

async function ready(url: string): Promise<void> {
  for (let waited = 0; waited < loadSeconds; waited++) {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await sleep(1000);
  }
  throw new Error(`${url} is not ready after ${loadSeconds} s`);
}

async function end(child: ChildProcess): Promise<void> {
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  kill(child, "SIGTERM");
  const timer = setTimeout(() => kill(child, "SIGKILL"), 10_000);
  if (child.exitCode === null && child.signalCode === null) await exited;
  clearTimeout(timer);
  kill(child, "SIGKILL"); // what is left of its group
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // the group is gone
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const listener = createServer();
    listener.once("error", reject);
    listener.listen(0, "127.0.0.1", () => {
      const address = listener.address();
      listener.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}
