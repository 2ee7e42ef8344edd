import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { RunError } from "@pulumi/pulumi";
import { execa } from "execa";
import { parse } from "yaml";
import { templateFrom } from "../../components/args/chatTemplate";
import { targetedText } from "../../components/cluster/commands";
import { type ClusterConnection, clusterConnection } from "../../components/cluster/connection";
import { ApiError } from "../../components/cluster/apiError";
import { type ClusterClient, clusterClient } from "../../components/cluster/client";
import { type ModelArgs, modelsOf } from "../../components/config/models";
import { checkConfig } from "../../components/config/readConfig";
import { connectionTrouble } from "../../components/cluster/trouble";
import { problemsText } from "../../components/text/errors";
import { startupLimits } from "../../components/args/limits";
import { type GateLimits, type GateTarget, gateTarget } from "../../components/readiness";
import { type ResolvedArgs, resolveArgs } from "../../components/args/resolve";
import type { RawConfig } from "../../components/config/strict";
import { messageOf } from "../../shared/errors";
import { defaultStateDir, repositoryRoot } from "../../local/paths";
import { pulumiEnvironment, readingEnvironment } from "../../local/pulumi/environment";
import { formFault, isSecure, stackNames } from "../../local/pulumi/stackFile";
import { askSecret } from "../terminal/confirm";
import { exitCodes, OpsError } from "../terminal/exitCodes";
import { Stopped, throwIfStopped, untilEnded } from "../terminal/interrupt";

/** The stack that `npm run local` deploys to the embedded cluster. */
const localStack = "local";
/** Stands for what is encrypted: these commands need no secret but where they say so. */
const concealed = "[secret]";

export interface StackOptions {
  stack?: string;
  /** Folder of the Pulumi project; by default this repository. */
  cwd?: string;
  /** Which of the stack's models, by its name or one under which it is served; without it, the only one. */
  model?: string;
  /** Whether the only model is meant by any name. */
  anyName?: boolean;
  /** Goes on with what is right of a mistaken configuration: context, namespace and name are enough to look. */
  tolerant?: boolean;
}

/** One stack: what its configuration says, and how its cluster and its backend are reached. */
export interface OpsStack {
  readonly name: string;
  readonly project: string;
  readonly directory: string;
  readonly connection: ClusterConnection;
  readonly args: ResolvedArgs;
  /** What of them the configuration sets, without any default. */
  readonly given: ModelArgs;
  /** Every model of the stack, this one among them. */
  readonly models: readonly ResolvedArgs[];
  readonly target: GateTarget;
  readonly limits: GateLimits;
  /** What is wrong with the configuration, in one text. */
  readonly mistakes?: string;
  client(): Promise<ClusterClient>;
  /** Runs `pulumi` in the project; its standard output, or an error with what it said. */
  pulumi(...args: string[]): Promise<string>;
  /** The environment in which `pulumi` runs. */
  environment(): Promise<NodeJS.ProcessEnv>;
}

/** Opens the stack that was asked for, else the selected one, else `local`; its configuration must be right, unless the command is tolerant. */
export async function openStack(options: StackOptions): Promise<OpsStack> {
  const directory = path.resolve(options.cwd ?? repositoryRoot);
  const name = asked(options.stack, directory) ?? (await selectedStack(directory)) ?? localStack;
  const project = projectName(directory);
  const embedded = isEmbedded({ name, directory });
  const raw = rawConfig(directory, project, name, embedded);
  const { problems, values } = checkConfig(raw, directory);
  const mistakes =
    problems.length === 0
      ? undefined
      : targetedText(problemsText(`the configuration of stack '${name}'`, problems), { stack: name });
  if (mistakes !== undefined && !options.tolerant) throw new OpsError(mistakes, exitCodes.usage);
  const { models } = modelsOf(values);
  const resolved = Object.entries(models).map(([each, more]) => resolveArgs(each, templateFrom(directory, more)));
  const args = modelNamed(resolved, options, name);
  const connection = clusterConnection(values.kubeContext ?? "", values.kubeconfig, directory);
  const own = { stateDir: defaultStateDir, kubeconfig: connection.kubeconfig ?? "" };
  const users = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  let prepared: Promise<NodeJS.ProcessEnv> | undefined;
  const environment = (): Promise<NodeJS.ProcessEnv> =>
    (prepared ??= embedded ? pulumiEnvironment(own) : Promise.resolve(users));
  const reading = (): Promise<NodeJS.ProcessEnv> => (embedded ? readingEnvironment(own) : Promise.resolve(users));
  let client: Promise<ClusterClient> | undefined;
  return {
    name,
    project,
    directory,
    connection,
    args,
    given: models[args.component] ?? {},
    models: resolved,
    target: gateTarget(args),
    limits: startupLimits(args),
    ...(mistakes !== undefined && { mistakes }),
    client: () => {
      if (mistakes !== undefined && values.kubeContext === undefined) throw new OpsError(mistakes, exitCodes.usage);
      return (client ??= connect(connection, name, embedded));
    },
    pulumi: async (...pulumiArgs) => {
      // `pulumi stack …` runs no program.
      const env = await (pulumiArgs[0] === "stack" ? reading() : environment());
      return runPulumi(directory, [...pulumiArgs, "--stack", name], env);
    },
    environment,
  };
}

function modelNamed(
  all: readonly ResolvedArgs[],
  { model, anyName = false }: StackOptions,
  stack: string,
): ResolvedArgs {
  const [only] = all.length === 1 ? all : [];
  const named = all.find(
    ({ component, servedModelNames }) => component === model || servedModelNames.includes(model ?? ""),
  );
  const found = named ?? (model === undefined || anyName ? only : undefined);
  if (found) return found;
  const which = model === undefined ? "several models" : `no model '${model}'`;
  const names = all.map(({ component }) => component).join(", ");
  throw new OpsError(
    `Stack '${stack}' has ${which}. Say which one with \`--model <name>\`: ${names}.`,
    exitCodes.usage,
  );
}

/** Whether pulumi has said that the project has no such stack; any other failure says nothing of it. */
export function isNoSuchStack(error: unknown): boolean {
  return error instanceof OpsError && /no stack named/i.test(error.message);
}

/** Whether it is the stack of the embedded cluster. */
export function isEmbedded({ name, directory }: Pick<OpsStack, "name" | "directory">): boolean {
  return name === localStack && directory === repositoryRoot;
}

async function connect(connection: ClusterConnection, stack: string, embedded: boolean): Promise<ClusterClient> {
  if (connection.kubeconfig !== undefined && !existsSync(connection.kubeconfig)) {
    const remedy = embedded
      ? "`npm run local` starts the embedded cluster"
      : `\`pulumi config set kubeconfig <path> --stack ${stack}\` names another`;
    throw new OpsError(`There is no kubeconfig ${connection.kubeconfig}; ${remedy}.`, exitCodes.unreachable);
  }
  try {
    return answering(await clusterClient(connection), connection, embedded);
  } catch (error) {
    if (error instanceof RunError) throw new OpsError(targetedText(error.message, { stack }), exitCodes.usage);
    throw unreachable(error, connection, embedded);
  }
}

/** A client whose lost connections are told in one sentence, and which asks no more once the command is to stop. */
function answering(client: ClusterClient, connection: ClusterConnection, embedded: boolean): ClusterClient {
  const told = async <T>(ask: () => Promise<T>): Promise<T> => {
    throwIfStopped();
    try {
      return await ask();
    } catch (error) {
      throw error instanceof ApiError ? error : unreachable(error, connection, embedded);
    }
  };
  return {
    get: (...request) => told(() => client.get(...request)),
    text: (...request) => told(() => client.text(...request)),
    send: (...request) => told(() => client.send(...request)),
  };
}

/** What an operator reads where the connection to the cluster fails, with what to type about the embedded one. */
export function unreachable(error: unknown, connection: ClusterConnection, embedded: boolean): OpsError {
  const remedy = embedded ? " Where the embedded cluster is stopped, `npm run local` starts it again." : "";
  return new OpsError(`${connectionTrouble(error, connection).message}.${remedy}`, exitCodes.unreachable);
}

/** A name that names a file here: https://www.pulumi.com/docs/iac/concepts/stacks/#create-stack says what may be in one. */
function asked(stack: string | undefined, directory: string): string | undefined {
  if (stack === undefined || /^[\w.-]{1,100}$/.test(stack)) return stack;
  throw new OpsError(
    `'--stack' (${stack}) must be the name of a stack, without its organization: letters, digits, hyphens, underscores and periods, at most 100${stacksText(directory)}.`,
    exitCodes.usage,
  );
}

/** The stack's file, read without `pulumi`: it works before the stack exists, and asks for no passphrase. */
function rawConfig(directory: string, project: string, stack: string, embedded: boolean): RawConfig {
  const file = path.join(directory, `Pulumi.${stack}.yaml`);
  const remedy = embedded
    ? "`npm run local` makes it"
    : `\`pulumi stack init ${stack}\` makes one, and \`--stack\` names another`;
  if (!existsSync(file)) throw new OpsError(`There is no ${file}; ${remedy}${stacksText(directory)}.`, exitCodes.usage);
  const content = readYaml(file) as { config?: Record<string, unknown> | null };
  const fault = formFault(content);
  if (fault !== undefined) throw new OpsError(`${file}: ${fault}.`, exitCodes.usage);
  // What an interrupted copy leaves, and a stack that `npm run local` fills anew.
  if (embedded && Object.keys(content).length === 0)
    throw new OpsError(`${file} is empty; ${remedy} anew.`, exitCodes.usage);
  const own = Object.entries(content.config ?? {}).flatMap(([key, value]): [string, unknown][] =>
    key.startsWith(`${project}:`) ? [[key.slice(project.length + 1), value]] : [],
  );
  return {
    values: Object.fromEntries(own.map(([key, value]) => [key, isSecure(value) ? concealed : textOf(value)])),
    secretKeys: new Set(own.filter(([, value]) => isSecure(value)).map(([key]) => key)),
  };
}

/** The stacks that have a file here, for whoever has mistyped one. */
function stacksText(directory: string): string {
  const names = stackNames(readdirSync(directory));
  return names.length === 0 ? "" : ` (files are here for: ${names.join(", ")})`;
}

/** As the CLI hands it to the program. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The mistake of a file is its author's. */
export function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8")) ?? {};
  } catch (error) {
    throw new OpsError(`${file} cannot be read: ${messageOf(error)}`, exitCodes.usage);
  }
}

function projectName(directory: string): string {
  const file = path.join(directory, "Pulumi.yaml");
  if (!existsSync(file)) throw new OpsError(`There is no Pulumi project in ${directory}.`, exitCodes.usage);
  const { name } = readYaml(file) as { name?: unknown };
  if (typeof name === "string") return name;
  throw new OpsError(`${file} names no project; \`name:\` does.`, exitCodes.usage);
}

/** Undefined where none is selected for certain: a login that has run out must not lead to another cluster. */
async function selectedStack(directory: string): Promise<string | undefined> {
  try {
    const args = ["stack", "--show-name", "--non-interactive"];
    return (await runPulumi(directory, args, process.env)).trim() || undefined;
  } catch (error) {
    if (!(error instanceof OpsError) || error instanceof Stopped) throw error;
    if (/no stack selected/.test(error.message)) return undefined;
    // Whoever has no pulumi of his own has selected nothing; `npm run local` has brought one for its stack.
    if (
      error.message === noPulumi &&
      existsSync(path.join(directory, `Pulumi.${localStack}.yaml`)) &&
      directory === repositoryRoot
    )
      return localStack;
    throw new OpsError(
      `Which stack is selected cannot be told; name it with --stack <name>${stacksText(directory)}. ${error.message}`,
      exitCodes.usage,
    );
  }
}

const noPulumi = "There is no `pulumi` on PATH; see https://www.pulumi.com/docs/install.";

/** Says how the passphrase is given, where `pulumi` wants one; on a terminal it is asked for, once. */
async function runPulumi(directory: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  try {
    return await runOnce(directory, args, { ...env, ...given });
  } catch (error) {
    // In pulumi's words: "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables".
    if (!(error instanceof OpsError) || !/passphrase must be set with/.test(error.message)) throw error;
    if (!process.stdin.isTTY || !process.stderr.isTTY)
      throw new OpsError(
        "The stack's secrets are encrypted with a passphrase; set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it.",
        exitCodes.usage,
      );
    given = { PULUMI_CONFIG_PASSPHRASE: await askSecret("Passphrase of the stack (PULUMI_CONFIG_PASSPHRASE): ") };
    return runOnce(directory, args, { ...env, ...given });
  }
}

/** What was asked for on the terminal. */
let given: NodeJS.ProcessEnv = {};

async function runOnce(directory: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  throwIfStopped();
  const options = { cwd: directory, env, extendEnv: false, detached: true, stdin: "ignore", reject: false } as const;
  const { exitCode, stdout, stderr, code, originalMessage } = await untilEnded(
    execa("pulumi", args, { ...options, maxBuffer: 1 << 28, stripFinalNewline: false }),
  );
  throwIfStopped();
  if (exitCode === 0) return stdout;
  // EACCES: nor is there one in a folder of PATH that may not be read.
  if (code === "ENOENT" || code === "EACCES") throw new OpsError(noPulumi);
  const said = stderr.trim() || stdout.trim().slice(-3000) || originalMessage;
  throw new OpsError(`pulumi ${args.slice(0, 2).join(" ")} failed: ${(said ?? "").replace(/^error: /m, "")}`);
}
