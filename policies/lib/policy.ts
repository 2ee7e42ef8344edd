/** How this pack writes a policy: a check that yields problems, with the mend beside each where it is safe. */
import type {
  Policy,
  PolicyConfigSchema,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { downloadOf } from "./downloads";
import { servingBecause } from "./evidence";
import { objectsOf, title, type KubernetesObject } from "./objects";
import { podsOf } from "./pods";
import { show, type Path, type Value } from "./values";
import { waiverOf } from "./waivers";

/** What a policy found: "`'field'` (value) must …; set … ." */
export interface Problem {
  readonly container?: string;
  readonly field: string;
  readonly value: Value | undefined;
  /** Shown instead of the value, where that is a secret or too long to read. */
  readonly shown?: string;
  readonly must: string;
  readonly set: string;
  /** No reason is needed for why the container counts: it is this program's own. */
  readonly evident?: true;
  /** Changes the resource's properties so that the problem is gone. */
  readonly mend?: (properties: Mutable) => void;
}

export interface Mutable {
  [key: string]: MutableValue;
}
export type MutableValue = null | boolean | number | string | MutableValue[] | Mutable | undefined;

type SettingSchema = PolicyConfigSchema["properties"][string] & {
  readonly description: string;
  readonly default: unknown;
};

interface Common<Settings> {
  readonly name: string;
  /** One sentence: what must be, and why. */
  readonly description: string;
  /** Where the reason can be read. */
  readonly url: string;
  /** The row of the symptom table (components/symptoms/index.ts) that shows when the policy is broken. */
  readonly symptom?: string;
  readonly level: "mandatory" | "advisory";
  /** What its problems are about; each then says why the container counts as that. */
  readonly about?: "servers" | "downloads" | "both";
  /** One of the three that the project requires: no waiver lifts them. */
  readonly required?: true;
  readonly waivable?: false;
  readonly settings?: { readonly [Key in keyof Settings]: SettingSchema };
}

export interface ResourceRule<Settings> extends Common<Settings> {
  readonly check: (object: KubernetesObject, settings: Settings) => Iterable<Problem>;
  /** Whether the problems carry a mend. */
  readonly mends?: true;
}

export interface StackRule<Settings> extends Common<Settings> {
  readonly check: (objects: readonly KubernetesObject[], settings: Settings) => Iterable<StackProblem>;
  /** Whether the problems carry a mend; it is applied where the resources registered before already show the problem. */
  readonly mends?: true;
}
export interface StackProblem extends Problem {
  readonly object: KubernetesObject;
}

interface Extra {
  readonly required: boolean;
  readonly waivable: boolean;
  readonly mends: boolean;
  readonly symptom: string | undefined;
  readonly about: "servers" | "downloads" | "both" | undefined;
}
export type PackPolicy = (ResourceValidationPolicy | StackValidationPolicy) & Extra;

function sentence(object: KubernetesObject, problem: Problem, about?: Common<unknown>["about"]): string {
  const where = problem.container === undefined ? title(object) : `${title(object)}, container ${problem.container}`;
  const why = about && problem.evident !== true && evidence(object, problem, about);
  return (
    `${where}${why ? ` (${why})` : ""}: '${problem.field}' (${problem.shown ?? show(problem.value)}) must ${problem.must}; ` +
    `${problem.set}.`
  );
}

/** Why the container, or the first of the pod's that does, serves or downloads. */
function evidence(
  object: KubernetesObject,
  { container: name, field }: Problem,
  about: "servers" | "downloads" | "both",
): string {
  const all = podsOf(object);
  const own = all.filter((pod) => field.startsWith(`${pod.path.join(".")}.`));
  for (const container of (own.length > 0 ? own : all).flatMap((pod) => pod.containers)) {
    if (name !== undefined && container.name !== name) continue;
    const serving = about === "downloads" ? undefined : servingBecause(container);
    const downloading = about === "servers" || serving !== undefined ? undefined : downloadOf(container)?.because;
    const what = serving !== undefined ? "serves vLLM" : downloading !== undefined ? "downloads" : undefined;
    const which = name === undefined ? `${container.name} ` : "";
    if (what !== undefined) return `${which}${what}, because ${serving ?? downloading ?? ""}`;
  }
  return "";
}

export function resourcePolicy<Settings extends object = object>(
  rule: ResourceRule<Settings>,
): ResourceValidationPolicy & Extra {
  const problems = (args: ResourceValidationArgs, settings: Settings): [KubernetesObject, Problem][] =>
    objectsOf(args).flatMap((object) =>
      waived(rule, object)
        ? []
        : Array.from(rule.check(object, settings), (problem) => [object, problem] as [KubernetesObject, Problem]),
    );
  return {
    ...common(rule, rule.mends === true),
    validateResource: (args, report) => {
      const settings = readSettings(rule, args.getConfig<Record<string, unknown>>(), report);
      for (const [object, problem] of problems(args, settings)) report(sentence(object, problem, rule.about));
    },
    ...(rule.mends && {
      remediateResource: (args: ResourceValidationArgs) => {
        // The validation that follows says what is misspelt.
        const settings = withDefaults(rule, args.getConfig<Record<string, unknown>>());
        const mends = problems(args, settings).flatMap(([, { mend }]) => mend ?? []);
        return applied(mends, args);
      },
    }),
  };
}

export function stackPolicy<Settings extends object = object>(
  rule: StackRule<Settings>,
): StackValidationPolicy & Extra {
  const problems = (objects: readonly KubernetesObject[], settings: Settings): StackProblem[] =>
    Array.from(rule.check(objects, settings)).filter(({ object }) => !waived(rule, object));
  const registered = new Map<string, readonly KubernetesObject[]>();
  return {
    ...common(rule, rule.mends === true),
    validateStack: (args, report) => {
      const settings = readSettings(rule, args.getConfig<Record<string, unknown>>(), report);
      const objects = args.resources.flatMap((resource) => objectsOf(resource));
      for (const problem of problems(objects, settings)) {
        report(sentence(problem.object, problem, rule.about), problem.object.urn);
      }
    },
    ...(rule.mends && {
      remediateResource: (args: ResourceValidationArgs) => {
        registered.set(args.urn, objectsOf(args));
        const settings = withDefaults(rule, args.getConfig<Record<string, unknown>>());
        const mends = problems([...registered.values()].flat(), settings)
          .filter(({ object }) => object.urn === args.urn)
          .flatMap(({ mend }) => mend ?? []);
        return applied(mends, args);
      },
    }),
  };
}

function applied(mends: readonly NonNullable<Problem["mend"]>[], args: ResourceValidationArgs): Mutable | undefined {
  const properties = args.props as Mutable;
  for (const mend of mends) mend(properties);
  return mends.length > 0 ? properties : undefined;
}

function common<Settings>(rule: Common<Settings>, mends: boolean): Extra & Policy {
  const waivable = rule.required !== true && rule.waivable !== false;
  const extra: Extra = { required: rule.required === true, waivable, mends, symptom: rule.symptom, about: rule.about };
  defined.set(rule.name, extra);
  return {
    ...extra,
    name: rule.name,
    description: rule.description,
    enforcementLevel: rule.level,
    url: rule.url,
    ...(rule.settings && { configSchema: { properties: { ...rule.settings } } }),
  };
}

function waived<Settings>(rule: Common<Settings>, object: KubernetesObject): boolean {
  return defined.get(rule.name)?.waivable === true && waiverOf(object, rule.name) !== undefined;
}

/** Every policy that was defined, by name. */
const defined = new Map<string, Extra>();
export function definedPolicies(): ReadonlyMap<string, Extra> {
  return defined;
}

const reported = new Set<string>();

/** The settings with their defaults. The CLI checks types; a misspelt key it lets pass. */
function readSettings<Settings>(
  rule: Common<Settings>,
  given: Record<string, unknown>,
  report: ReportViolation,
): Settings {
  const schemas: Record<string, SettingSchema> = { ...rule.settings };
  for (const key of Object.keys(given)) {
    if (key in schemas || reported.has(`${rule.name}.${key}`)) continue;
    reported.add(`${rule.name}.${key}`);
    const known = Object.keys(schemas);
    report(
      `The policy pack's configuration: '${rule.name}.${key}' must be a setting of the policy; ` +
        (known.length > 0 ? `set ${known.map((name) => `'${name}'`).join(" or ")}.` : "it has none: remove the key."),
    );
  }
  return withDefaults(rule, given);
}

function withDefaults<Settings>(rule: Common<Settings>, given: Record<string, unknown>): Settings {
  const schemas = Object.entries<SettingSchema>({ ...rule.settings });
  return Object.fromEntries(schemas.map(([key, schema]) => [key, given[key] ?? schema.default])) as Settings;
}

/** The object under `path` in a resource's properties, made where it is absent. */
export function dig(properties: Mutable, path: Path): Mutable {
  let current: Mutable = properties;
  for (const key of path) {
    current[key] ??= {};
    current = current[key] as Mutable;
  }
  return current;
}
