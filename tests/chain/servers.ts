/**
 * The processes of the chain: vLLM started as the component's container is, LiteLLM as the gateway's, with the config file that it
 * renders. What differs from the cluster is listed in `differences`, and nothing else does, save that a second server is beside vLLM's.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LineName } from "../../components/images/lines";
import { defaultAliases } from "../../gateway/data/aliases";
import { type Rendered, render } from "../../gateway/render";
import { freePort } from "../../local/cluster/ports";
import { abandonAll, endAll, launch, urlOf } from "./processes";
import { newestVersion } from "../versions/versions";
import { type Environments, liteLlmContainer, translated, withDropParams, withOthers } from "./settings";
import { apiServer, lineWith, mistaken, modelId, onCpu, vllmProcess } from "./vllm";

/** Where the tests find everything; the ring hands it to mocha as JSON in `CHAIN`. */
export interface Chain {
  readonly vllm: Server;
  /** Beside the newest, in front of the same engine, with two mistakes: no served name, and a parser that is not the model's. */
  readonly wrong?: Server;
  readonly gateway: Server;
  /** The gateway of the newest with one mistake: it drops parameters for every model. */
  readonly dropping?: Server;
  /** Python with LiteLLM. */
  readonly python: string;
  /** Claude Code's program. */
  readonly claude: string;
  readonly payloads: Rendered["payloads"];
  readonly served: readonly string[];
  readonly modelPath: string;
  /** Each vLLM that was started, and the ways to it. */
  readonly lines: readonly Line[];
  /** Whether these are all versions. */
  readonly all: boolean;
}

/** One vLLM, the ways to it by what they are called in the table, and the line of images that holds it. */
export interface Line {
  readonly version: string;
  readonly line: LineName | undefined;
  /** The interpreter that has it. */
  readonly python: string;
  readonly ways: Readonly<Record<Way, Server>>;
}

/** vLLM itself; the gateway's own entries, which hand Anthropic's messages on; LiteLLM's translation. */
export const ways = ["direct", "gateway", "translated"] as const;
export type Way = (typeof ways)[number];

export interface Server {
  /** Without `/v1`. */
  readonly url: string;
  readonly key: string;
}

const keys = {
  vllm: "chain-key-0123456789",
  wrong: "chain-key-9876543210",
  gateway: "sk-chain-4f1c92d7a0b35e68c1d2",
};

/** Starts the servers, and tells `say` when each is ready. Who awaits it outlives a signal, so that `stop` is heard. */
export async function startChain(
  environments: Environments,
  say: (line: string) => void,
): Promise<{ chain: Chain; stop: () => Promise<void> }> {
  const folder = mkdtempSync(path.join(tmpdir(), "vllm-chain-"));
  // Servers in process groups of their own do not hear Ctrl-C: their wait ends with them.
  const endings = ["SIGINT", "SIGTERM", "SIGHUP", "exit"] as const;
  for (const ending of endings) process.on(ending, abandonAll);
  const stop = async (): Promise<void> => {
    await endAll(folder);
    for (const ending of endings) process.off(ending, abandonAll);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { chain: await start(environments, folder, say), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A vLLM and its two gateways, of which the first is told all that `more` says besides. */
interface Started {
  readonly line: Line;
  readonly rendered: Rendered;
  readonly names: readonly string[];
}

async function start(
  { litellm, model, claude, versions, all }: Environments,
  folder: string,
  say: (line: string) => void,
): Promise<Chain> {
  const [wrongPort, droppingPort] = await Promise.all([freePort(), freePort()]);
  const modelsPath = path.join(folder, "models-cache");
  const modelPath = path.join(modelsPath, modelId);
  mkdirSync(path.dirname(modelPath), { recursive: true });
  symlinkSync(model, modelPath);
  const wrong = { url: urlOf(wrongPort), key: keys.wrong, model: modelPath };
  const gateways: string[][] = [];
  const ready: string[] = [];
  let env: Record<string, string> = {};
  const addGateway = (name: string, config: string, port: number): Server => {
    const file = path.join(folder, `${name}.yaml`);
    writeFileSync(file, config);
    const container = liteLlmContainer(file, port, folder);
    gateways.push(container.args);
    ready.push(`${urlOf(port)}${container.readinessPath}`);
    env = { ...env, ...container.env };
    return { url: urlOf(port), key: keys.gateway };
  };
  const servers: Promise<unknown>[] = [];
  const add = async (version: string, interpreter: string): Promise<Started> => {
    // The mistakes stand beside the newest alone: beside.py is written for it.
    const isNewest = version === newestVersion;
    const [port, own, other] = await Promise.all([freePort(), freePort(), freePort()]);
    const line = lineWith(version);
    const { args, env: rendersEnv, names } = vllmProcess(modelsPath, port, line);
    const rendered = render([
      {
        stack: "organization/vllm-inference/chain",
        modelId,
        servedModelNames: names,
        maxModelLen: 32_768,
        toolCallParser: "hermes",
        url: urlOf(port),
        aliases: defaultAliases,
        apiKey: keys.vllm,
      },
    ]);
    env = { ...env, ...rendered.environment };
    const beside = [
      ...afterModule(mistaken(args, "pythonic")).map((each) => (each === String(port) ? String(wrongPort) : each)),
      "--api-key",
      keys.wrong,
    ];
    servers.push(
      launch(
        `vllm-${version}`,
        interpreter,
        isNewest ? [path.join(__dirname, "beside.py"), ...afterModule(args)] : args,
        {
          ...rendersEnv,
          ...onCpu(interpreter, version),
          VLLM_API_KEY: keys.vllm,
          ...(isNewest && { BESIDE: JSON.stringify(beside) }),
        },
        [port, ...(isNewest ? [wrongPort] : [])].map((each) => `${urlOf(each)}/health`),
        folder,
        say,
      ),
    );
    const config = isNewest ? withOthers(rendered.config, wrong) : rendered.config;
    const gateway = addGateway(`gateway-${version}`, config, own);
    if (isNewest) addGateway("dropping", withDropParams(config), droppingPort);
    const ways = {
      direct: { url: urlOf(port), key: keys.vllm },
      gateway,
      translated: addGateway(`translated-${version}`, translated(rendered.config), other),
    };
    return { line: { version, line, python: interpreter, ways }, rendered, names };
  };
  const started: Started[] = [];
  for (const [version, interpreter] of Object.entries(versions)) started.push(await add(version, interpreter));
  servers.push(
    launch(
      "litellm",
      litellm,
      [path.join(__dirname, "gateways.py"), JSON.stringify(gateways)],
      { ...env, LITELLM_MASTER_KEY: keys.gateway },
      ready,
      folder,
      say,
    ),
  );
  await Promise.all(servers);
  const main = started.at(-1);
  if (!main) throw new Error("no version of vLLM was named");
  return {
    vllm: main.line.ways.direct,
    gateway: main.line.ways.gateway,
    ...(newestVersion in versions && {
      wrong: { url: wrong.url, key: wrong.key },
      dropping: { url: urlOf(droppingPort), key: keys.gateway },
    }),
    python: litellm,
    claude,
    payloads: main.rendered.payloads,
    served: main.names,
    modelPath,
    lines: started.map(({ line }) => line),
    all,
  };
}

/** What follows `-m <module>`, which beside.py runs by itself. */
function afterModule([flag, name, ...args]: readonly string[]): string[] {
  if (flag !== "-m" || name !== apiServer) throw new Error(`the component starts ${flag} ${name}, not -m ${apiServer}`);
  return args;
}
