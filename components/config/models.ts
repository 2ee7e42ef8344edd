/** One model by the flat keys, or several by `models`: what each is made from, and what they share. */
import type { PlainArgs } from "../args/content";
import { templateFrom } from "../args/chatTemplate";
import { names } from "../args/names";
import { resolveArgs } from "../args/resolve";
import type { SharedNamespaceArgs } from "../args/sharedArgs";
import { validate } from "../args/validate";
import { type Problem, problem } from "../text/errors";
import { type ConfigKey, type ConfigValues, type ModelValues, modelKeyNames } from "./schema";

/** Name of the one model, and of what several share: it can become one of several without being made anew. */
export const firstModel = "vllm";

/** What a model is made from, but for the cluster. */
export type ModelArgs = Omit<PlainArgs, "cluster">;

export interface Models {
  /** Unset for the one model of the flat keys, which makes its namespace and its Secret itself. */
  shared?: Omit<SharedNamespaceArgs, "cluster">;
  /** By name. */
  models: Record<string, ModelArgs>;
}

/** The models of a configuration whose values are right. */
export function modelsOf(values: ConfigValues): Models {
  const own = ownValues(values);
  if (own === undefined) return { models: { [firstModel]: flatArgs(values) } };
  const { hfToken, hfTokenSecret = names(firstModel).tokenSecret, ...base } = flatArgs(values);
  const token = hfToken !== undefined && { hfToken, hfTokenSecret };
  const each = { ...base, createNamespace: false, ...(hfToken === undefined ? tokenFrom(values) : token) };
  const models = Object.fromEntries(
    Object.entries(own).map(([name, more]) => [name, withoutUnset({ ...each, ...more })]),
  );
  const { namespace, createNamespace, keepNamespace, adoptExisting } = resolveArgs(firstModel, base);
  const shared = {
    namespace,
    createNamespace,
    keepNamespace,
    adoptExisting,
    protectNamespace: Object.values(models).some(({ protectClaim }) => protectClaim === true),
    ...(hfToken !== undefined && values.hfTokenSecret === undefined && { hfToken }),
  };
  return { shared, models };
}

/** What of the configuration is the component's: all but the cluster and the other models. */
function flatArgs(values: ConfigValues): ModelArgs {
  const others: readonly string[] = ["kubeContext", "kubeconfig", "models"] satisfies ConfigKey[];
  return Object.fromEntries(Object.entries(values).filter(([key]) => !others.includes(key)));
}

/** What a model of its own has unset stands for the default, not for what stands beside the map. */
function withoutUnset(args: object): ModelArgs {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
}

function tokenFrom({ hfTokenSecret }: ConfigValues): Pick<ModelArgs, "hfTokenSecret"> {
  return hfTokenSecret === undefined ? {} : { hfTokenSecret };
}

/** Undefined where there is no map, or an empty one: Pulumi.yaml says so for "unset". */
function ownValues({ models }: ConfigValues): Record<string, ModelValues> | undefined {
  return models === undefined || Object.keys(models).length === 0 ? undefined : models;
}

/** Every mistake in the arguments of every model, each by the path of the key that has it. Files are looked for from the folder, if it is given. */
export function modelProblems(values: ConfigValues, folder?: string): Problem[] {
  const own = ownValues(values);
  const { models } = modelsOf(values);
  const wrong = (name: string, args: ModelArgs): Problem[] =>
    validate(resolveArgs(name, folder === undefined ? args : templateFrom(folder, args)));
  if (own === undefined) return wrong(firstModel, models[firstModel]!);
  const found = Object.entries(models).flatMap(([name, args]) => wrong(name, args).map((each) => ({ name, ...each })));
  const count = Object.keys(own).length;
  const placed = found.map(({ name, ...each }): Problem => {
    const key = each.propertyPath.split(/[.[]/)[0]!;
    if (key === "name") return renamed(each, `models.${name}`);
    const isEverybodys = found.filter(({ reason }) => reason === each.reason).length === count;
    const isOwn = Object.hasOwn(own[name] ?? {}, key);
    const isModels = (modelKeyNames as readonly string[]).includes(key);
    return !isModels || (isEverybodys && !isOwn) ? each : renamed(each, `models.${name}.${each.propertyPath}`);
  });
  return [...distinct(placed), ...quarrels(values, models)];
}

function renamed({ propertyPath, reason }: Problem, path: string): Problem {
  return { propertyPath: path, reason: reason.replace(`'${propertyPath}'`, `'${path}'`) };
}

function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((each) => [each.reason, each])).values()];
}

/** What no model alone is wrong in. */
function quarrels(values: ConfigValues, models: Record<string, ModelArgs>): Problem[] {
  const problems: Problem[] = [];
  const resolved = Object.entries(models).map(([name, args]) => resolveArgs(name, args));
  for (const [index, args] of resolved.entries()) {
    const path = `models.${args.component}`;
    const earlier = resolved.slice(0, index);
    const sameHost = earlier.find(({ routeHost }) => routeHost !== undefined && routeHost === args.routeHost);
    if (sameHost && args.routeEnabled && sameHost.routeEnabled) {
      const rule = `be another than that of '${sameHost.component}', because a host leads to one Route`;
      problems.push(problem(`${path}.routeHost`, args.routeHost, rule, "set another, or leave it empty"));
    }
    const maker = resolved.find(
      (other) => other !== args && other.existingClaim === undefined && other.claimName === args.existingClaim,
    );
    if (maker && !maker.protectClaim) {
      const rule = `not be the claim that '${maker.component}' makes, because taking that model away would delete it`;
      const remedy = `set a claim that was made elsewhere in both, or models.${maker.component}.protectClaim to true`;
      problems.push(problem(`${path}.existingClaim`, args.existingClaim, rule, remedy));
    }
  }
  const { createNamespace, keepNamespace } = resolveArgs(firstModel, flatArgs(values));
  const borrowed = resolved.find(({ existingClaim }) => existingClaim !== undefined);
  if (borrowed && createNamespace && !keepNamespace && !resolved.some(({ protectClaim }) => protectClaim)) {
    const rule = `be false while 'models.${borrowed.component}.existingClaim' is set, because \`destroy\` would delete the namespace with that claim`;
    problems.push(problem("createNamespace", true, rule, "set it to false, or 'keepNamespace' to true"));
  }
  return problems;
}
