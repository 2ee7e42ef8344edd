import { exitCodes, OpsError } from "../terminal/exitCodes";
import { takesInlineSystem } from "../../gateway/anthropic";
import { gatewayFolder } from "../stack/gatewayOutputs";
import { readModelOutputs } from "../stack/modelOutputs";
import type { OpsStack } from "../stack/openStack";
import type { Target } from "./check";
import { CheckFailed, Http } from "./http";

/** What the command line says about the target. */
export interface TargetOptions {
  /** Base URL, with or without `/v1`; instead of the stack's. */
  readonly url?: string;
  readonly key?: string | undefined;
  readonly model?: string;
  readonly names?: readonly string[];
  readonly context?: number;
  readonly gateway?: boolean;
}

/** Which of its names a check asks for: the one of the documentation's curl line, else one that every client can use. */
const documentedAlias = "claude-sonnet-4-5-20250929";

export function preferredModel(names: readonly string[]): string | undefined {
  if (names.includes(documentedAlias)) return documentedAlias;
  return names.find((name) => !name.includes("/")) ?? names[0];
}

export function baseUrl(url: string): string {
  return url.replace(/\/+$/, "").replace(/\/v1$/, "");
}

/** The target that an inference stack's or a gateway's outputs describe; what the command line says goes before. */
export function targetFromOutputs(
  outputs: Readonly<Record<string, unknown>>,
  options: TargetOptions,
  stack: string,
): Target {
  const gateway = options.gateway === true;
  const listed = options.names ?? (gateway ? outputs["aliases"] : outputs["servedModelNames"]);
  const names = Array.isArray(listed) ? listed.map(String) : [];
  const url = options.url ?? textOf(gateway ? outputs["url"] : outputs["routeUrl"]);
  const context = options.context ?? (typeof outputs["maxModelLen"] === "number" ? outputs["maxModelLen"] : undefined);
  const key = options.key ?? textOf(gateway ? outputs["key"] : outputs["apiKey"]);
  if (names.length === 0) {
    const remedy = `\`pulumi up${gateway ? " --cwd gateway" : ""} --stack ${stack}\` makes it`;
    throw new OpsError(
      `Nothing is deployed in stack '${stack}'${gateway ? " of the gateway" : ""}; ${remedy}.`,
      exitCodes.nothingDeployed,
    );
  }
  if (url === undefined) {
    throw new OpsError(
      `The stack '${stack}' has no Route. Forward a port and name it: --stack ${stack} --url http://127.0.0.1:8000.`,
      exitCodes.usage,
    );
  }
  const model = options.model ?? preferredModel(names) ?? "";
  const takes = gateway
    ? outputs["takesInlineSystem"] === true
    : takesInlineSystem({ imageLine: textOf(outputs["imageLine"]) });
  return {
    url: baseUrl(url),
    key,
    kind: gateway ? "gateway" : "vllm",
    names,
    model,
    context,
    takesInlineSystem: takes,
  };
}

/** Reads the outputs, keys included, with the user's own pulumi. */
export async function targetOfStack(stack: OpsStack, options: TargetOptions): Promise<Target> {
  if (options.gateway === true) {
    const text = await stack.pulumi("stack", "output", "--json", "--show-secrets", "--cwd", gatewayFolder(stack));
    return targetFromOutputs(JSON.parse(text) as Record<string, unknown>, options, stack.name);
  }
  // By its name in the stack's configuration, a model is asked for by one of those under which it is served.
  const { model, ...others } = options;
  const asked = model === undefined || model === stack.args.component ? others : options;
  return targetFromOutputs(await readModelOutputs(stack), asked, stack.name);
}

/** The target that flags alone describe; names that nobody has given are those that the server lists. */
export async function targetOfUrl(options: TargetOptions & { url: string }, timeoutSeconds: number): Promise<Target> {
  const url = baseUrl(options.url);
  const listed = options.names === undefined ? await list({ url, key: options.key, timeoutSeconds }) : [];
  const names = options.names ?? listed.map(({ id }) => String(id));
  const context =
    options.context ?? listed.map(({ max_model_len: tokens }) => tokens).find((tokens) => tokens !== undefined);
  return {
    url,
    key: options.key,
    kind: options.gateway === true ? "gateway" : "vllm",
    names,
    model: options.model ?? preferredModel(names) ?? "unknown",
    context,
  };
}

interface Listed {
  id?: unknown;
  max_model_len?: number;
}

/** Empty where the server does not answer: the first check says so, and why. */
async function list(endpoint: ConstructorParameters<typeof Http>[0]): Promise<Listed[]> {
  try {
    const { body } = await new Http(endpoint).json<{ data?: Listed[] }>("/v1/models");
    return Array.isArray(body.data) ? body.data : [];
  } catch (error) {
    if (error instanceof CheckFailed) return [];
    throw error;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
