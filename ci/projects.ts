/** The Pulumi projects of this repository and their stacks, as far as a preview must know them. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { checkConfig, componentArgs } from "../components/config";
import { type ResolvedArgs, resolveArgs } from "../components/resolve";
import { gatewayLosses, gatewayRestart, inferenceLosses, inferenceRestart, lossesOf } from "./consequences";
import type { PreviewEvents } from "./events";
import type { PreviewReport } from "./report";
import { type Config, setting } from "./throwAway";

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
  /** What a change means to those who use what is deployed. */
  readonly consequences: (events: PreviewEvents, config: Config, projectFile: string) => Consequences;
}

export const inference: Project = {
  name: "vllm-inference",
  folder: ".",
  prefix: "",
  // The embedded cluster shows it to nobody.
  madeUp: () => ({ hfToken: "hf_not-a-real-token-for-a-preview" }),
  consequences: ({ changes }, config, projectFile) => ({
    losses: lossesOf(changes, inferenceLosses),
    ...inferenceRestart(changes, resolvedArgs(config, projectFile)),
  }),
};

export const gateway: Project = {
  name: "vllm-gateway",
  folder: "gateway",
  prefix: "gateway/",
  madeUp: (config) => (modeOf(config) === "register" ? { litellmAdminKey: "sk-not-a-real-key-for-a-preview" } : {}),
  consequences: ({ changes, previous, next }) => ({
    losses: [...lossesOf(changes, gatewayLosses), ...lostAliases(previous["aliases"], next?.["aliases"])],
    ...gatewayRestart(changes),
  }),
};

/** A gateway's mode; what the program's default is, where the file names none. */
export function modeOf(config: Config): unknown {
  return setting(config, gateway.name, "mode") ?? "deploy";
}

function lostAliases(before: unknown, after: unknown): string[] {
  if (!Array.isArray(before) || !Array.isArray(after)) return [];
  const lost = before.filter((alias) => !after.includes(alias));
  return lost.map((alias) => `alias ${String(alias)}: who asks for it is refused`);
}

/** The arguments that an inference stack's configuration comes to, with their defaults. */
export function resolvedArgs(config: Config, projectFile: string): ResolvedArgs {
  const declared = (parse(projectFile) as { config: Record<string, { default?: unknown }> }).config;
  const values = Object.keys(declared)
    .filter((key) => !key.includes(":"))
    .map((key) => [key, setting(config, inference.name, key, projectFile)] as const)
    .map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const);
  const raw = { values: Object.fromEntries(values), secretKeys: new Set<string>() };
  return resolveArgs("vllm", componentArgs(checkConfig("vllm", raw).values));
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

/** Every stack that has a file in the repository; `local` is a copy that git ignores. */
export async function stacksOf(root: string): Promise<StackName[]> {
  const ignored = (await readFile(path.join(root, ".gitignore"), "utf8")).split("\n");
  const found = [inference, gateway].map(async (project) => {
    const files = await readdir(path.join(root, project.folder));
    const names = files.flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []).sort();
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
