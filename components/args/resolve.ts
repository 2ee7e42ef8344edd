import { isDeepStrictEqual } from "node:util";
import type { PlainArgs } from "./content";
import { type Defaults, type UnsetArgs, defaults } from "./defaults";
import { filePatterns } from "../capacity/models";
import { lineOfImage } from "../images/lineOf";
import { type ImageLine, imageLine, isLineName } from "../images/lines";
import { taintOf } from "./gpuResource";
import { type ObjectNames, names } from "./names";

/** The arguments with every default applied. Only what has no default can be undefined. */
export interface ResolvedArgs extends Defaults, UnsetArgs {
  /** Name of the component, and so of the Deployment. */
  component: string;
  names: ObjectNames;
  /** Name of the claim that is mounted, ours or an existing one. */
  claimName: string;
  /** The line of the image, where it is known: what its vLLM takes is then known, too. */
  line: ImageLine | undefined;
  /** Where the server finds the model on the claim. */
  modelPath: string;
  /** All names by which clients may ask for the model; the model id comes first. */
  servedModelNames: string[];
}

/** Applies every default; nobody else does. */
export function resolveArgs(component: string, args: Omit<PlainArgs, "cluster">): ResolvedArgs {
  const merged = {
    ...defaults,
    ...withoutUnset(args),
    startupProbe: { ...defaults.startupProbe, ...args.startupProbe },
    readinessProbe: { ...defaults.readinessProbe, ...args.readinessProbe },
    livenessProbe: { ...defaults.livenessProbe, ...args.livenessProbe },
  };
  const objects = names(component);
  const patterns = filePatterns(merged.modelId);
  const code = merged.trustRemoteCode === undefined || patterns.allow.length === 0 ? [] : ["*.py"];
  return {
    ...merged,
    modelAllowPatterns: orElse(merged.modelAllowPatterns, [...patterns.allow, ...code]),
    modelIgnorePatterns: orElse(merged.modelIgnorePatterns, patterns.ignore),
    // The default is the taint of the GPUs' nodes, whoever made them.
    tolerations: isDeepStrictEqual(merged.tolerations, defaults.tolerations)
      ? merged.tolerations.map((each) => ({ ...each, key: taintOf(merged.gpuResource) }))
      : merged.tolerations,
    component,
    names: { ...objects, tokenSecret: merged.hfTokenSecret ?? objects.tokenSecret },
    claimName: merged.existingClaim ?? objects.claim,
    line: isLineName(merged.imageLine) ? imageLine(merged.imageLine) : lineOfImage(merged.image),
    modelPath: `${merged.modelsPath}/${merged.modelId}`,
    servedModelNames: servedNames(merged.modelId, merged.servedModelNames),
  };
}

/** Clients such as Claude Code cannot use a name with a slash in it, so there is always one without. */
function servedNames(modelId: string, aliases: readonly string[]): string[] {
  const slashFree = modelId.slice(modelId.lastIndexOf("/") + 1);
  return [...new Set([modelId, ...(aliases.length > 0 ? aliases : [slashFree])])];
}

function orElse(given: string[], otherwise: readonly string[]): string[] {
  return given.length > 0 ? given : [...otherwise];
}

/** Empty strings are how the stack's configuration says "unset": its schema has no optional keys. */
function withoutUnset<T extends object>(args: T): Partial<T> {
  const isSet = ([name, value]: [string, unknown]): boolean =>
    name !== "cluster" && value !== undefined && value !== "";
  return Object.fromEntries(Object.entries(args).filter(isSet)) as Partial<T>;
}
