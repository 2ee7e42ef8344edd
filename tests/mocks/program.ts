/** Runs the program under Pulumi's mocks, which know no hooks, and records every resource with its options. */
import { readFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { parse } from "yaml";

// Whatever clusters this machine knows are not looked at.
delete process.env["KUBECONFIG"];
process.env["HOME"] = path.join(__dirname, "no-home");

export const root = path.resolve(__dirname, "..", "..");
export const project = "vllm-inference";
/** Stands for a token; where it must not appear is easy to search. */
export const canary = "hf_canaryMustNotBeSeen0123456789";
const apiKey = "generated-api-key";

export interface Recorded {
  type: string;
  name: string;
  parent: string;
  inputs: Record<string, unknown>;
  protect: boolean;
  /** Fields whose change makes it anew. */
  replaceOnChanges: string[];
  /** Logical names of what it depends on. */
  dependsOn: string[];
  /** URNs of the components that it lay in under another version of the program. */
  aliases: string[];
  /** Logical name of its provider. */
  provider: string;
  timeouts: { create: string; update: string; delete: string };
  hooks: { beforeCreate: string[]; beforeUpdate: string[]; onError: string[]; others: string[] };
}

export interface Run {
  resources: Recorded[];
  /** Names of the hooks that were registered. */
  hooks: string[];
  /** What the program exports, with secrets as marks. */
  outputs: Record<string, unknown>;
}

export type Callback = (error: Error | null, response: unknown) => void;

/** A Pulumi project of this repository. */
export interface Project {
  name: string;
  folder: string;
  /** What `npm run local` copies to Pulumi.local.yaml. */
  localStack: string;
}

const inference: Project = { name: project, folder: ".", localStack: "local/Pulumi.local.yaml" };

/** The values that the CLI would hand to the program: the defaults of Pulumi.yaml under those of the stack's file. */
export function stackConfig(stack: string, { name, folder, localStack } = inference): Record<string, string> {
  const read = (file: string): { config: Record<string, unknown> } =>
    parse(readFileSync(path.join(root, file), "utf8")) as { config: Record<string, unknown> };
  const declared = read(path.join(folder, "Pulumi.yaml")).config as Record<string, { default?: unknown }>;
  const defaults = Object.entries(declared).flatMap(([key, { default: value }]) =>
    value === undefined ? [] : [[`${name}:${key}`, value] as const],
  );
  const own = read(stack === "local" ? localStack : path.join(folder, `Pulumi.${stack}.yaml`)).config;
  const merged = { ...Object.fromEntries(defaults), ...own };
  const texts = Object.entries(merged).map(([key, value]) => {
    return [key, typeof value === "string" ? value : JSON.stringify(value)] as const;
  });
  return Object.fromEntries(texts);
}

/** Adds the keys of this program to a stack's values, by their short names. */
export function withKeys(config: Record<string, string>, keys: Record<string, string>): Record<string, string> {
  return { ...config, ...Object.fromEntries(Object.entries(keys).map(([key, value]) => [`${project}:${key}`, value])) };
}

export interface Options {
  stack?: string;
  config: Record<string, string>;
  secretKeys?: string[];
  preview?: boolean;
  /** Another project than the inference one. */
  project?: string;
  /** What the outputs of stacks are that the program refers to, by name. */
  stacks?: Record<string, Record<string, unknown>>;
}

/** Runs index.ts, or `program`, to its end: when this returns, every resource is registered. */
export async function runProgram(
  options: Options,
  program: () => object | Promise<object> = () => freshIndex(),
  run: Run = { resources: [], hooks: [], outputs: {} },
): Promise<Run> {
  const { stack = "test", config, secretKeys = [`${project}:hfToken`], preview = false, stacks = {} } = options;
  pulumi.runtime.setAllConfig(config, secretKeys);
  const newResource = (args: pulumi.runtime.MockResourceArgs): pulumi.runtime.MockResourceResult =>
    args.type === "pulumi:pulumi:StackReference"
      ? referredStack(args.name, stacks[args.name] ?? {})
      : mockResource(args);
  await pulumi.runtime.setMocks(
    { newResource, call: () => ({}) },
    options.project ?? project,
    stack,
    preview,
    "organization",
  );
  record(run);
  try {
    const outputs = (await program()) as Record<string, unknown>;
    await pulumi.runtime.disconnect();
    for (const [name, value] of Object.entries(outputs)) run.outputs[name] = await plain(value);
  } finally {
    await pulumi.runtime.disconnect();
  }
  return run;
}

export function only(run: Run, type: string): Recorded {
  const [found, ...others] = run.resources.filter((resource) => resource.type === type);
  if (found === undefined || others.length > 0)
    throw new Error(`${others.length + (found ? 1 : 0)} resources of type ${type}`);
  return found;
}

export function named(run: Run, name: string): Recorded {
  const found = run.resources.find((resource) => resource.name === name);
  if (found === undefined)
    throw new Error(`no resource ${name} among ${run.resources.map((each) => each.name).join(", ")}`);
  return found;
}

/** The value of an output; a secret as `{ secret: value }`. What is undefined in a map is left out, as the engine does. */
async function plain(value: unknown): Promise<unknown> {
  if (!pulumi.Output.isInstance(value)) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const entries = await Promise.all(
      Object.entries(value).map(async ([key, each]) => [key, await plain(each)] as const),
    );
    return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
  }
  const known = await (value as unknown as { promise(): Promise<unknown> }).promise();
  return (await pulumi.isSecret(value)) ? { secret: known } : known;
}

/** index.ts as at the start of a process: it does its work when it is loaded. */
export function freshIndex(folder = "."): object {
  for (const file of Object.keys(require.cache)) {
    if (file.startsWith(root) && !file.includes("node_modules") && !file.includes("/tests/"))
      delete require.cache[file];
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require(path.join(root, folder, "index")) as object;
}

function referredStack(name: string, outputs: Record<string, unknown>): pulumi.runtime.MockResourceResult {
  const secretOutputNames = Object.keys(outputs).filter((key) => key === "apiKey" || key === "apiKeys");
  return { id: name, state: { name, outputs, secretOutputNames } };
}

function mockResource(args: pulumi.runtime.MockResourceArgs): pulumi.runtime.MockResourceResult {
  const inputs = args.inputs as { metadata?: object; spec?: object };
  const metadata = { ...inputs.metadata, uid: `uid-of-${args.name}`, generation: 3 };
  const outputs: Record<string, object> = {
    "kubernetes:apps/v1:Deployment": { metadata },
    "kubernetes:route.openshift.io/v1:Route": {
      metadata,
      // What the API server generates is in the spec; its router says so too.
      spec: { ...inputs.spec, host: "generated.apps.example.com" },
      status: {
        ingress: [
          { host: "generated.edge.example.com", conditions: [{ type: "Admitted", status: "False" }] },
          { host: "generated.apps.example.com", conditions: [{ type: "Admitted", status: "True" }] },
        ],
      },
    },
    "random:index/randomPassword:RandomPassword": { result: apiKey },
  };
  return { id: `id-of-${args.name}`, state: { ...inputs, ...outputs[args.type] } };
}

interface Monitor {
  registerResource: (this: Monitor, request: RegisterResourceRequest, callback: Callback) => Promise<void>;
  registerResourceHook(request: { getName(): string }, callback: Callback): void;
  registerErrorHook(request: { getName(): string }, callback: Callback): void;
}

const monitor = MockMonitor.prototype as unknown as Monitor;
const { registerResource } = monitor;

/** Gives the mock monitor what it lacks, and keeps the requests of what it has. */
function record(run: Run): void {
  monitor.registerResourceHook = monitor.registerErrorHook = (request, callback) => {
    run.hooks.push(request.getName());
    callback(null, {});
  };
  monitor.registerResource = function (request, callback) {
    run.resources.push(recorded(request));
    return registerResource.call(this, request, callback);
  };
}

function recorded(request: RegisterResourceRequest): Recorded {
  const hooks = request.getHooks();
  const timeouts = request.getCustomtimeouts();
  const logicalName = (urn: string): string => urn.split("::")[3] ?? urn;
  return {
    type: request.getType(),
    name: request.getName(),
    parent: logicalName(request.getParent()),
    inputs: request.getObject()?.toJavaScript() ?? {},
    protect: request.getProtect() ?? false,
    replaceOnChanges: request.getReplaceonchangesList(),
    dependsOn: request.getDependenciesList().map(logicalName),
    aliases: request
      .getAliasesList()
      .map((alias) => alias.getSpec()?.getParenturn() ?? "")
      .filter((urn) => urn !== ""),
    provider: logicalName(request.getProvider()),
    timeouts: {
      create: timeouts?.getCreate() ?? "",
      update: timeouts?.getUpdate() ?? "",
      delete: timeouts?.getDelete() ?? "",
    },
    hooks: {
      beforeCreate: hooks?.getBeforeCreateList() ?? [],
      beforeUpdate: hooks?.getBeforeUpdateList() ?? [],
      onError: hooks?.getOnErrorList() ?? [],
      others: hooks
        ? [
            hooks.getAfterCreateList(),
            hooks.getAfterUpdateList(),
            hooks.getBeforeDeleteList(),
            hooks.getAfterDeleteList(),
          ].flat()
        : [],
    },
  };
}

/** What of a run is an object of a cluster. */
export function objects(from: Run): Recorded[] {
  return from.resources.filter(({ type }) => /^kubernetes:/.test(type));
}
