import * as pulumi from "@pulumi/pulumi";
import type { VllmInferenceArgs } from "./args/args";
import { type ContentName, contentNames, type PlainArgs } from "./args/content";
import { type ResolvedArgs, resolveArgs } from "./args/resolve";
import type { ImageLine } from "./images/lines";
import { validate } from "./args/validate";
import { isOutput } from "./config/givenArgs";
import { never, refuse } from "./cluster/answers";
import { valueOf } from "./cluster/engine";
import { type Problem, problem } from "./text/errors";

type Given = Omit<VllmInferenceArgs, "cluster">;

/** With what error the program ends over these arguments, if it does; `problems` are those of what has become known. */
export type Judge = (args: ResolvedArgs, problems: readonly Problem[]) => pulumi.ResourceError | undefined;

/** The arguments of a component, some of which may be known only while the program runs. */
export interface Known {
  /** As far as they are known by now. A hook runs when all are. */
  now(this: void): ResolvedArgs;
  /** The inputs that a builder makes of the arguments. */
  inputs<T extends object>(this: void, build: (args: ResolvedArgs) => T): T;
  /** What is read from the arguments. */
  output<T>(this: void, read: (args: ResolvedArgs) => T): pulumi.Output<T>;
}

const standIns: Readonly<Record<ContentName, string>> = {
  namespace: "known-later",
  image: `known-later@sha256:${"0".repeat(64)}`,
  imagePullSecret: "known-later",
  hfTokenSecret: "known-later",
  existingClaim: "known-later",
  trustedCaConfigMap: "known-later",
};

/** Right about which objects there are: what is not known yet has a stand-in, which breaks no rule. */
export function shapeOf(name: string, given: Given): ResolvedArgs {
  return resolveArgs(name, { ...given, ...standInsFor(lateNames(given)) } as PlainArgs);
}

/**
 * @param shape what `shapeOf` makes of them
 * @param judge is asked once, at once or when the last argument is known; where it refuses, nothing of the component is made.
 * @param remembered the line of an image whose name does not tell it. It only judges: what is made is the same before it was known.
 */
export function knownArgs(
  name: string,
  given: Given,
  shape: ResolvedArgs,
  judge: Judge,
  remembered?: (image: string) => Promise<ImageLine | undefined>,
): Known {
  const late = lateNames(given);
  if (late.length === 0 && !remembered) {
    const refusal = judge(shape, []);
    if (refusal) throw refusal;
    const output = <T>(read: (args: ResolvedArgs) => T) => pulumi.output(read(shape)) as pulumi.Output<T>;
    return { now: () => shape, inputs: (build) => build(shape), output };
  }
  let now = shape;
  const values = Object.fromEntries(late.map((key) => [key, given[key]])) as Record<ContentName, pulumi.Input<string>>;
  const resolvedWith = (values: Readonly<Record<string, unknown>>): ResolvedArgs => {
    const right = Object.fromEntries(Object.entries(values).filter(([, value]) => isText(value)));
    return resolveArgs(name, { ...given, ...standInsFor(late), ...right } as PlainArgs);
  };
  const known = pulumi.all(values).apply(async (values): Promise<ResolvedArgs> => {
    const resolved = resolvedWith(values);
    const unshown = await secretsAmong(given, values);
    const line = resolved.line ?? (await remembered?.(resolved.image));
    const judged = { ...resolved, line };
    const problems = [...lateProblems(values, unshown), ...validate(judged)];
    const refusal = judge(
      judged,
      problems.map((each) => withoutSecrets(each, Object.values(unshown))),
    );
    if (refusal) return refused(refusal);
    now = resolved;
    return resolved;
  });
  const judged = valueOf(known);
  // An Output of all of them would do, but a Secret that is made anew would then take the claim with it, as all that depends on it.
  const output = <T>(read: (args: ResolvedArgs) => T): pulumi.Output<T> => {
    const its = Object.fromEntries(readBy(read, shape, late).map((key) => [key, values[key]]));
    return pulumi.all(its).apply(async (part) => {
      if (await isKnown(known)) return read(await judged);
      // A preview says what it can. What an operation that has failed was to tell is told nobody, and nothing is made unjudged.
      return pulumi.runtime.isDryRun() ? read(resolvedWith(part)) : known.apply(read);
    }) as pulumi.Output<T>;
  };
  const inputs = <T extends object>(build: (args: ResolvedArgs) => T): T => {
    const built = output((args) => ({ whole: build(args) as Record<string, unknown> }));
    // Which keys there are, and texts such as the kind, is known by the shape.
    const part = ([key, value]: [string, unknown]) => [
      key,
      typeof value === "string" ? value : built.apply(({ whole }) => whole[key]),
    ];
    return Object.fromEntries(Object.entries(build(shape)).map(part)) as T;
  };
  return { now: () => now, inputs, output };
}

/** What else of the resolved arguments comes from one. */
export const derived: Readonly<Partial<Record<ContentName, string>>> = {
  image: "line",
  hfTokenSecret: "tokenSecret",
  existingClaim: "claimName",
};

/** Which of the late arguments a builder looks at. */
function readBy(
  read: (args: ResolvedArgs) => unknown,
  shape: ResolvedArgs,
  late: readonly ContentName[],
): ContentName[] {
  const seen = new Set<PropertyKey>();
  const watched = <T extends object>(value: T): T =>
    new Proxy(value, {
      get: (target, key) => {
        seen.add(key);
        const inner: unknown = Reflect.get(target, key);
        return inner === shape.names ? watched(shape.names) : inner;
      },
    });
  read(watched(shape));
  return late.filter((key) => seen.has(key) || seen.has(derived[key] ?? key));
}

/** What came as a secret Output: a token in place of its Secret's name, for one. */
async function secretsAmong(given: Given, values: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const isSecret = (key: string) => pulumi.isSecret(pulumi.output(given[key as ContentName]));
  const each = await Promise.all(
    Object.entries(values).map(async (entry) => [entry, await isSecret(entry[0])] as const),
  );
  return Object.fromEntries(each.filter(([, secret]) => secret).map(([entry]) => entry));
}

/** The words that Pulumi has for it. */
function withoutSecrets({ propertyPath, reason }: Problem, secrets: readonly unknown[]): Problem {
  return {
    propertyPath,
    reason: secrets.filter(isText).reduce((text, each) => text.replaceAll(each, "[secret]"), reason),
  };
}

/** Not of Pulumi's public types; `false` after an operation that has failed, too. */
function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as { isKnown: Promise<boolean> }).isKnown;
}

const lateNames = (given: Given): ContentName[] => contentNames.filter((key) => isOutput(given[key]));

const standInsFor = (keys: readonly ContentName[]): Partial<Record<ContentName, string>> =>
  Object.fromEntries(keys.map((key) => [key, standIns[key]]));

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** That it was given at all has decided which objects there are. */
function lateProblems(values: Readonly<Record<string, unknown>>, unshown: object): Problem[] {
  return Object.entries(values)
    .filter(([, value]) => !isText(value))
    .map(([key, value]) => {
      const rule = "be a text that is not empty, where it is an Output";
      return problem(key, key in unshown ? undefined : value, rule, "give it one");
    });
}

/** Ends the program with one error, and leaves what waits for the arguments unmade. */
function refused(refusal: pulumi.ResourceError): Promise<never> {
  refuse();
  void Promise.reject(refusal);
  return never();
}
