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

/** What a stack's file alone says of its outputs; with more names under which its model is served. */
export function standIn(args: ResolvedArgs, names: readonly string[] = []): Outputs {
  const host = args.routeHost ?? `${args.names.route}-${args.namespace}.apps.cluster.invalid`;
  return {
    ...(args.routeEnabled && { routeUrl: `https://${host}` }),
    internalUrl: internalUrl(args),
    modelId: args.modelId,
    servedModelNames: [...new Set([...args.servedModelNames, ...names])],
    maxModelLen: args.maxModelLen,
    ...(args.enableAutoToolChoice && { toolCallParser: args.toolCallParser }),
    ...(args.apiKeyEnabled && { apiKey: madeUpKey }),
  };
}

/** Outputs of one stack, as the base commit's deployment and the working tree's preview tell them. */
interface Told {
  before?: Outputs | undefined;
  after?: Outputs | undefined;
  /** Whether the working tree makes another API key, which the engine shows in neither. */
  newKey: boolean;
  /** Why there is no `after`. */
  failure?: string | undefined;
}

/**
 * What the programs tell, with a stand-in for what they do not. The engine shows no secret: the API key is made up, and another one where it is
 * replaced.
 */
export function published(told: Told, stand: { before?: Outputs | undefined; after: Outputs }): Published {
  const madeUp = new Set<string>();
  const fill = (outputs: Outputs, instead: Outputs, apiKey: string): Outputs => {
    const entries = Object.entries(outputs).map(([name, value]): [string, unknown] => {
      // No gateway reads them, and what is secret in them nobody could decrypt.
      if (name === "models" || name === "apiKeys") return [name, undefined];
      if (name === "apiKey") return [name, value === undefined ? undefined : apiKey];
      if (!isUnknown(value)) return [name, value];
      madeUp.add(name);
      return [name, instead[name]];
    });
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null));
  };
  const invent = (outputs: Outputs): Outputs => {
    for (const name of Object.keys(outputs)) madeUp.add(name);
    return fill(outputs, outputs, madeUpKey);
  };
  const before = told.before ? fill(told.before, stand.after, madeUpKey) : stand.before && invent(stand.before);
  const nextKey = told.newKey ? `${madeUpKey}-that-is-new` : madeUpKey;
  const after = told.after ? fill(told.after, stand.after, nextKey) : undefined;
  return {
    before,
    after: after ?? before ?? invent(stand.after),
    madeUp: [...madeUp],
    source: after ? "this run" : told.before ? "before the change" : "its file",
    ...(told.failure !== undefined && { failure: told.failure }),
  };
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
