/** The Pulumi projects of this repository and their stacks, as far as a preview must know them. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { modelsOf } from "../components/config/models";
import { checkConfig } from "../components/config/readConfig";
import { type ResolvedArgs, resolveArgs } from "../components/args/resolve";
import { messageOf, UserError } from "../shared/errors";
import { stackNames } from "../local/pulumi/stackFile";
import { gatewayLosses, gatewayRestart, inferenceLosses, inferenceRestart, lossesOf } from "./consequences";
import type { PreviewEvents } from "./events";
import type { PreviewReport } from "./report";
import { type Config, plainConfig, referencesIn, setting, withModels } from "./throwAway";

type Consequences = Pick<PreviewReport, "losses" | "restart" | "rollout">;

export interface Project {
  /** As in Pulumi.yaml. */
  readonly name: string;
  /** From the repository's root. */
  readonly folder: string;
  /** Stands before its stacks' names on the command line and in reports. */
  readonly prefix: string;
  /** Secrets that the program insists on with this configuration, each with what stands for it. */
  readonly madeUp: (config: Config) => Readonly<Record<string, string>>;
  /** Whether something of its stack stands on the cluster once it is deployed. */
  readonly isOnCluster: (config: Config) => boolean;
  /** What a change means to those who use what is deployed. */
  readonly consequences: (events: PreviewEvents, config: Config, projectFile: string) => Consequences;
}

export const inference: Project = {
  name: "vllm-inference",
  folder: ".",
  prefix: "",
  // The embedded cluster shows it to nobody.
  madeUp: () => ({ hfToken: "hf_not-a-real-token-for-a-preview" }),
  isOnCluster: () => true,
  consequences: ({ changes }, config, projectFile) => ({
    losses: lossesOf(changes, inferenceLosses),
    ...inferenceRestart(changes, resolvedModels(config, projectFile)),
  }),
};

export const gateway: Project = {
  name: "vllm-gateway",
  folder: "gateway",
  prefix: "gateway/",
  madeUp: (config) => (modeOf(config) === "register" ? { litellmAdminKey: "sk-not-a-real-key-for-a-preview" } : {}),
  isOnCluster: (config) => modeOf(config) === "deploy",
  consequences: ({ changes, previous, next }) => ({
    losses: [...lossesOf(changes, gatewayLosses), ...lostAliases(previous["aliases"], next?.["aliases"])],
    ...gatewayRestart(changes),
  }),
};

/** A gateway's mode; what the program's default is, where the file names none. */
export function modeOf(config: Config): unknown {
  const own = setting(config, gateway.name, "mode");
  // An empty text counts as unset, as the program has it.
  return own === undefined || own === "" ? "deploy" : own;
}

function lostAliases(before: unknown, after: unknown): string[] {
  if (!Array.isArray(before) || !Array.isArray(after)) return [];
  const lost = before.filter((alias) => !after.includes(alias));
  return lost.map((alias) => `alias ${String(alias)}: who asks for it is refused`);
}

/** The arguments that an inference stack's configuration comes to, with their defaults, for each of its models. */
export function resolvedModels(config: Config, projectFile: string): ResolvedArgs[] {
  const declared = (parse(projectFile) as { config: Record<string, { default?: unknown }> }).config;
  const values = Object.keys(declared)
    .filter((key) => !key.includes(":"))
    .map((key) => [key, setting(config, inference.name, key, projectFile)] as const)
    .map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const);
  const raw = { values: Object.fromEntries(values), secretKeys: new Set<string>() };
  return Object.entries(modelsOf(checkConfig(raw).values).models).map(([name, args]) => resolveArgs(name, args));
}

export interface StackName {
  project: Project;
  /** As in Pulumi.<name>.yaml. */
  name: string;
}

/** As the command line and the report name it: `dev`, `gateway/dev`. */
export function shownName({ project, name }: StackName): string {
  return `${project.prefix}${name}`;
}

/** As another stack refers to it. */
export function referenceOf({ project, name }: StackName): string {
  return `organization/${project.name}/${name}`;
}

/** A stack as one commit has it. */
export interface StackFile {
  config: Config;
  /** The text of its Pulumi.yaml. */
  projectFile: string;
}

/** Undefined where the commit has no such stack. A file that cannot be read is its author's mistake. */
export async function stackFile(
  root: string,
  { project, name }: StackName,
  kubeconfig: string,
): Promise<StackFile | undefined> {
  const file = path.join(project.folder, `Pulumi.${name}.yaml`);
  const ofProject = path.join(project.folder, "Pulumi.yaml");
  if (![file, ofProject].every((each) => existsSync(path.join(root, each)))) return undefined;
  const read = async <T>(which: string, take: (text: string) => T): Promise<T> => {
    const text = await readFile(path.join(root, which), "utf8");
    try {
      return take(text);
    } catch (error) {
      // The lines after the first one show the place in the file.
      const [reason = ""] = messageOf(error).split("\n");
      throw new UserError(`${which} cannot be read: ${reason.replace(/:$/, "")}`);
    }
  };
  return {
    config: await read(file, (text) => withModels(plainConfig(text, project.name, kubeconfig), project.name)),
    projectFile: await read(ofProject, (text) => (parse(text), text)),
  };
}

/** The stacks that a gateway's file names, in any of the commits; a file that cannot be read is for its own preview to report. */
export async function referencesOf(stack: StackName, roots: readonly string[]): Promise<string[]> {
  if (stack.project !== gateway) return [];
  const files = roots.map(async (root) => {
    try {
      return await stackFile(root, stack, "");
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  });
  return (await Promise.all(files)).flatMap((file) => (file ? referencesIn(file.config, gateway.name) : []));
}

/** Every stack that has a file in the repository; `local` is a copy that git ignores. */
export async function stacksOf(root: string): Promise<StackName[]> {
  const ignored = (await readFile(path.join(root, ".gitignore"), "utf8")).split("\n");
  const found = [inference, gateway].map(async (project) => {
    const names = stackNames(await readdir(path.join(root, project.folder)));
    const isIgnored = (name: string): boolean => ignored.includes(`/${project.prefix}Pulumi.${name}.yaml`);
    return names.filter((name) => !isIgnored(name)).map((name) => ({ project, name }));
  });
  return (await Promise.all(found)).flat();
}

/** A stack to preview. */
export interface Planned {
  stack: StackName;
  /** False for one that is previewed only because an asked one reads its outputs. */
  isAsked: boolean;
}

/** What is read comes before what reads it. Pure. */
export function plan(
  asked: readonly StackName[],
  known: readonly StackName[],
  referencesOf: (stack: StackName) => readonly string[],
): Planned[] {
  const references = new Set(asked.flatMap(referencesOf));
  const planned = known.flatMap((stack) => {
    const isAsked = asked.some((each) => shownName(each) === shownName(stack));
    return isAsked || references.has(referenceOf(stack)) ? [{ stack, isAsked }] : [];
  });
  const order = [inference, gateway];
  return planned.sort((a, b) => order.indexOf(a.stack.project) - order.indexOf(b.stack.project));
}
