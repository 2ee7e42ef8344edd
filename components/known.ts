import * as pulumi from "@pulumi/pulumi";
import type { VllmInferenceArgs } from "./args/args";
import { type ContentName, contentNames, type PlainArgs } from "./args/content";
import { type ResolvedArgs, resolveArgs } from "./args/resolve";
import { validate } from "./args/validate";
import { refuse } from "./cluster/answers";
import { type Problem, problem } from "./text/errors";

type Given = Omit<VllmInferenceArgs, "cluster">;

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
 * @param judge is asked once, at once or when the last argument is known, and says with what error the program ends, if it does: then nothing
 * of the component is made. `problems` are those of what has become known.
 */
export function knownArgs(
  name: string,
  given: Given,
  judge: (args: ResolvedArgs, problems: readonly Problem[]) => pulumi.ResourceError | undefined,
): Known {
  const late = lateNames(given);
  const shape = shapeOf(name, given);
  if (late.length === 0) {
    const refusal = judge(shape, []);
    if (refusal) throw refusal;
    const output = <T>(read: (args: ResolvedArgs) => T) => pulumi.output(read(shape)) as pulumi.Output<T>;
    return { now: () => shape, inputs: (build) => build(shape), output };
  }
  let now = shape;
  const values = Object.fromEntries(late.map((key) => [key, given[key]])) as Record<ContentName, pulumi.Input<string>>;
  const known = pulumi.all(values).apply(async (values): Promise<ResolvedArgs> => {
    const wrong = lateProblems(values);
    const resolved = resolveArgs(name, { ...given, ...(wrong.length > 0 ? standInsFor(late) : values) } as PlainArgs);
    const refusal = judge(resolved, [...wrong, ...validate(resolved)]);
    if (refusal) return refused(refusal);
    now = resolved;
    return resolved;
  });
  const inputs = <T extends object>(build: (args: ResolvedArgs) => T): T => {
    // Which keys there are, and texts such as the kind, is known by the shape.
    const part = ([key, value]: [string, unknown]) => {
      const read = (args: ResolvedArgs) => (build(args) as Record<string, unknown>)[key];
      return [key, typeof value === "string" ? value : known.apply(read)];
    };
    return Object.fromEntries(Object.entries(build(shape)).map(part)) as T;
  };
  return { now: () => now, inputs, output: (read) => known.apply(read) };
}

const lateNames = (given: Given): ContentName[] => contentNames.filter((key) => isLate(given[key]));
const isLate = (value: unknown): boolean => pulumi.Output.isInstance(value) || value instanceof Promise;

const standInsFor = (keys: readonly ContentName[]): Partial<Record<ContentName, string>> =>
  Object.fromEntries(keys.map((key) => [key, standIns[key]]));

/** That it was given at all has decided which objects there are. */
function lateProblems(values: Readonly<Record<string, unknown>>): Problem[] {
  return Object.entries(values)
    .filter(([, value]) => typeof value !== "string" || value === "")
    .map(([key, value]) => problem(key, value, "be a text that is not empty, where it is an Output", "give it one"));
}

/** Ends the program with one error, and leaves what waits for the arguments unmade. */
function refused(refusal: pulumi.ResourceError): Promise<never> {
  refuse();
  void Promise.reject(refusal);
  return new Promise(() => undefined);
}
