/** What the stacks that a gateway refers to have as outputs, for the throw-away backend. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { internalUrl } from "../components/manifests";
import type { ResolvedArgs } from "../components/args/resolve";
import type { Outputs } from "./events";
import { isUnknown } from "./fields";
import { stateFile } from "./throwAwayStack";

export interface Published {
  /** As the base commit's program left them; undefined where it has no such stack. */
  before: Outputs | undefined;
  /** As they are once the working tree's program has been deployed. */
  after: Outputs;
  /** What of it no program has said. */
  madeUp: string[];
  /** Where `after` is from. */
  source: "this run" | "before the change" | "its file" | "the default model";
  /** Why the stack's own preview fails. */
  failure?: string;
}

/** What is known of a stack that others refer to: its outputs, or why its preview did not come so far. */
export type Found = Published | Required<Pick<Published, "failure">>;

const sources: Readonly<Record<Published["source"], string>> = {
  "this run": "as this run's own throw-away stack has them",
  "before the change": "as before the change",
  "its file": "made up from its file",
  "the default model": "made up, as of the default model under the names that the gateway's file gives it",
};

/** What a reviewer must know of the outputs that a gateway's preview, or only its base commit, was given. */
export function noteOf(reference: string, found: Published, when: "before" | "after"): string {
  const { source, failure } = found;
  if (found[when] === undefined) return `Outputs of ${reference}: none in the base commit, which has no such stack`;
  // How the working tree's preview of it went is nothing to the base commit.
  const own = when === "before" && source !== "the default model" ? "this run" : source;
  const named = own === "this run" || own === "before the change" ? found.madeUp : [];
  const madeUp = named.length > 0 ? `, but made up: ${named.join(", ")}` : "";
  const why = when === "before" || failure === undefined ? "" : `, because its own preview fails: ${failure}`;
  return `Outputs of ${reference}${when === "before" ? " in the base commit" : ""}: ${sources[own]}${madeUp}${why}`;
}

/** What a stack's file alone says of its outputs; with more names under which its models are served. */
export function standIn(models: readonly ResolvedArgs[], names: readonly string[] = []): Outputs {
  const told = Object.fromEntries(models.map((args) => [args.component, factsOf(args, names)]));
  const keyed = models.filter(({ apiKeyEnabled }) => apiKeyEnabled).map(({ component }) => component);
  const [only, ...others] = models;
  return {
    ...(only && others.length === 0 && { ...told[only.component], ...(keyed.length > 0 && { apiKey: madeUpKey }) }),
    models: told,
    apiKeys: Object.fromEntries(keyed.map((name) => [name, madeUpKey])),
  };
}

function factsOf(args: ResolvedArgs, names: readonly string[]): Outputs {
  const host = args.routeHost ?? `${args.names.route}-${args.namespace}.apps.cluster.invalid`;
  return {
    ...(args.routeEnabled && { routeUrl: `https://${host}` }),
    internalUrl: internalUrl(args),
    modelId: args.modelId,
    servedModelNames: [...new Set([...args.servedModelNames, ...names])],
    maxModelLen: args.maxModelLen,
    ...(args.enableAutoToolChoice && { toolCallParser: args.toolCallParser }),
    ...(args.loraAdapters.length > 0 && { loraAdapters: args.loraAdapters.map(({ name }) => name) }),
    ...(args.apiKeyEnabled && { apiKeySecretName: args.names.apiKeySecret }),
  };
}

/** Outputs of one stack, as the base commit's deployment and the working tree's preview tell them. */
interface Told {
  before?: Outputs | undefined;
  after?: Outputs | undefined;
  /** Models for which the working tree makes another API key, which the engine shows in neither. */
  newKeys: readonly string[];
  /** Why there is no `after`. */
  failure?: string | undefined;
}

/**
 * What the programs tell, with a stand-in for what they do not. The engine shows no secret: the API key is made up, and another one where it is
 * replaced.
 */
export function published(told: Told, stand: { before?: Outputs | undefined; after: Outputs }): Published {
  const madeUp = new Set<string>();
  const invent = (outputs: Outputs): Outputs => {
    for (const name of Object.keys(outputs)) if (!maps.includes(name)) madeUp.add(name);
    return fill(outputs, outputs, { newKeys: [], madeUp });
  };
  const before = told.before ? fill(told.before, stand.after, { newKeys: [], madeUp }) : undefined;
  const known = before ?? (stand.before && invent(stand.before));
  const after = told.after ? fill(told.after, stand.after, { newKeys: told.newKeys, madeUp }) : undefined;
  return {
    before: known,
    after: after ?? known ?? invent(stand.after),
    madeUp: [...madeUp],
    source: after ? "this run" : told.before ? "before the change" : "its file",
    ...(told.failure !== undefined && { failure: told.failure }),
  };
}

/** Outputs that hold each model's, by its name. */
const maps: readonly string[] = ["models", "apiKeys"];

type Models = Readonly<Record<string, Outputs | undefined>>;

/** The outputs with a stand-in for what is not known yet, and keys that are nobody's. */
function fill(outputs: Outputs, instead: Outputs, how: { newKeys: readonly string[]; madeUp: Set<string> }): Outputs {
  const flat = filled(outputs, instead, how.madeUp, "");
  const stand = (instead["models"] ?? {}) as Models;
  const told = isUnknown(outputs["models"]) ? stand : ((outputs["models"] ?? {}) as Models);
  const models = Object.entries(told).map(
    ([name, facts = {}]) => [name, filled(facts, stand[name] ?? {}, how.madeUp, `models.${name}.`)] as const,
  );
  const keyOf = (name: string): string => (how.newKeys.includes(name) ? `${madeUpKey}-that-is-new` : madeUpKey);
  const keyed = models.filter(([, { apiKeySecretName }]) => apiKeySecretName !== undefined).map(([name]) => name);
  const [only = how.newKeys[0] ?? ""] = models.map(([name]) => name);
  return {
    ...flat,
    ...(isThere(outputs["apiKey"]) && { apiKey: keyOf(only) }),
    // An older program has no such outputs.
    ...(isThere(outputs["models"]) && {
      models: Object.fromEntries(models),
      apiKeys: Object.fromEntries(keyed.map((name) => [name, keyOf(name)])),
    }),
  };
}

function filled(facts: Outputs, instead: Outputs, madeUp: Set<string>, path: string): Outputs {
  const entries = Object.entries(facts).flatMap(([name, value]): [string, unknown][] => {
    if (name === "apiKey" || maps.includes(name)) return [];
    if (!isUnknown(value)) return [[name, value]];
    madeUp.add(`${path}${name}`);
    return [[name, instead[name]]];
  });
  return Object.fromEntries(entries.filter(([, value]) => isThere(value)));
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

const madeUpKey = "sk-not-a-real-key-of-a-model";

/** Writes a stack that has these outputs and nothing else into a file backend, as the CLI would: who refers to it cannot tell the difference. */
export async function writeOutputs(backend: string, reference: string, outputs: Outputs | undefined): Promise<void> {
  const [, project = "", stack = ""] = reference.split("/");
  const type = "pulumi:pulumi:Stack";
  const urn = `urn:pulumi:${stack}::${project}::${type}::${project}-${stack}`;
  const manifest = { time: new Date().toISOString(), magic: "", version: "" };
  const resources = outputs === undefined ? [] : [{ urn, custom: false, type, outputs }];
  const checkpoint = { stack: reference, latest: { manifest, resources } };
  const file = stateFile(backend, reference);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ version: 3, checkpoint }));
}
