/** What an earlier `pulumi up` was run with, and what of it a model would be set back to. Pure. */
import { defaults } from "../../components/args/defaults";
import { checkConfig } from "../../components/config/readConfig";
import { type ModelArgs, modelsOf } from "../../components/config/models";
import type { RawConfig } from "../../components/config/strict";

/** What decides which server answers, and how: the image, the model with its revision, the GPUs that the image is made for, and the server's arguments. */
export const rollbackKeys = [
  "image",
  "imageLine",
  "modelId",
  "modelRevision",
  "modelAllowPatterns",
  "modelIgnorePatterns",
  "modelFigures",
  "servedModelNames",
  "maxModelLen",
  "dtype",
  "maxNumSeqs",
  "gpuMemoryUtilization",
  "tensorParallelSize",
  "enforceEager",
  "enableAutoToolChoice",
  "toolCallParser",
  "reasoningParser",
  "kvCacheDtype",
  "maxNumBatchedTokens",
  "chatTemplate",
  "trustRemoteCode",
  "loraAdapters",
  "extraArgs",
  "env",
  "gpuResource",
  "sharedMemorySize",
] as const satisfies (keyof ModelArgs)[];

type RollbackKey = (typeof rollbackKeys)[number];

/** An entry of `pulumi stack history --json`. */
export interface Update {
  version: number;
  kind: string;
  result?: string;
  endTime?: string;
  config: Record<string, { value?: string; objectValue?: unknown; secret: boolean }>;
}

/** One setting, as it is and as it was. */
export interface Difference {
  key: RollbackKey;
  now: unknown;
  then: unknown;
}

export interface Earlier {
  update: Update;
  differences: Difference[];
}

/** The last `up` that succeeded with other settings than the configuration has now; undefined where there is none. */
export function earlierThan(
  now: ModelArgs,
  updates: readonly Update[],
  { project, model, folder }: { project: string; model: string; folder?: string },
): Earlier | undefined {
  const done = updates.filter(({ kind, result }) => kind === "update" && result === "succeeded");
  for (const update of done) {
    const then = modelOf(update, project, model, folder);
    const differences = then ? differencesOf(now, then) : [];
    if (differences.length > 0) return { update, differences };
  }
  return undefined;
}

/** Undefined where the stack had no such model then, or this program no longer takes its configuration. */
function modelOf(update: Update, project: string, name: string, folder?: string): ModelArgs | undefined {
  const { problems, values } = checkConfig(rawOf(update, project), folder);
  return problems.length === 0 ? modelsOf(values).models[name] : undefined;
}

function rawOf({ config }: Update, project: string): RawConfig {
  const own = Object.entries(config).flatMap(([key, each]): [string, (typeof config)[string]][] =>
    key.startsWith(`${project}:`) ? [[key.slice(project.length + 1), each]] : [],
  );
  return {
    // Without --show-secrets a secret has no value.
    values: Object.fromEntries(own.map(([key, { value }]) => [key, value ?? "[secret]"])),
    secretKeys: new Set(own.filter(([, { secret }]) => secret).map(([key]) => key)),
  };
}

function differencesOf(now: ModelArgs, then: ModelArgs): Difference[] {
  return rollbackKeys
    .map((key) => ({ key, now: settingOf(now, key), then: settingOf(then, key) }))
    .filter((each) => JSON.stringify(each.now) !== JSON.stringify(each.then));
}

function settingOf(args: ModelArgs, key: RollbackKey): unknown {
  const own: unknown = args[key];
  // The history has the defaults of Pulumi.yaml, too, in which an empty text or map stands for "unset".
  const isUnset = own === undefined || own === "" || JSON.stringify(own) === "{}";
  return isUnset ? (defaults as Readonly<Record<string, unknown>>)[key] : own;
}
