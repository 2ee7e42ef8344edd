import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { VllmInferenceArgs } from "./args";
import { type ClusterConnection, clusterConnection } from "./cluster";
import { type ConfigKey, type ConfigValues, configKeys, configSchema } from "./configSchema";
import { type Problem, problem, problemsText } from "./errors";
import { resolveArgs } from "./resolve";
import { validate } from "./validate";

/** What a stack's configuration says. */
export interface StackConfig {
  connection: ClusterConnection;
  args: Omit<VllmInferenceArgs, "cluster">;
}

/** The configuration as the CLI hands it over: text by key, and which keys are encrypted. */
export interface RawConfig {
  values: Record<string, string>;
  secretKeys: ReadonlySet<string>;
}

/** Reads the stack's configuration, or throws every mistake in it as one error without a stack. */
export function readConfig(component: string): StackConfig {
  const config = new pulumi.Config();
  const { problems, values } = checkConfig(component, rawConfig(config.name));
  if (problems.length > 0) {
    throw new pulumi.RunError(problemsText(`the configuration of stack '${pulumi.getStack()}'`, problems));
  }
  const { kubeContext = "", kubeconfig } = values;
  return {
    connection: clusterConnection(kubeContext, kubeconfig, pulumi.getRootDirectory()),
    args: {
      ...componentArgs(values),
      ...(values.hfToken !== undefined && { hfToken: config.requireSecret("hfToken") }),
    },
  };
}

/** Every mistake in the configuration; the values are complete only when there is none. Pure. */
export function checkConfig(component: string, raw: RawConfig): { problems: Problem[]; values: ConfigValues } {
  const known = Object.entries(raw.values).filter(([key]) => isKey(key));
  // An empty text is how Pulumi.yaml says "unset": the CLI insists on a default for each key that may be left out.
  const texts = Object.fromEntries(known.filter(([, value]) => value !== ""));
  const result = configSchema.safeParse(texts);
  const problems = [
    ...keyProblems(raw),
    ...(result.success ? [] : result.error.issues.flatMap((each) => issueProblems(each, texts))),
  ];
  const values = result.success ? result.data : withoutFaulty(texts, result.error.issues);
  if (values.kubeContext === undefined) {
    const remedy = "set it with `pulumi config set kubeContext <context>` (`oc config get-contexts` lists them)";
    problems.push(problem("kubeContext", undefined, "be set, because the current context is never used", remedy));
  }
  problems.push(...validate(resolveArgs(component, componentArgs(values))));
  return { problems: problems.map((each) => masked(each, raw)), values };
}

/** What of the configuration is the component's: all but the cluster. */
function componentArgs(values: ConfigValues): StackConfig["args"] {
  const cluster: readonly string[] = ["kubeContext", "kubeconfig"] satisfies ConfigKey[];
  return Object.fromEntries(Object.entries(values).filter(([key]) => !cluster.includes(key)));
}

function rawConfig(project: string): RawConfig {
  const entries = Object.entries(pulumi.runtime.allConfig() as Record<string, string>)
    .filter(([key]) => key.startsWith(`${project}:`))
    .map(([key, value]) => [key.slice(project.length + 1), value] as const);
  // The SDK has this function, but marks it as internal.
  const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(this: void, key: string): boolean };
  const secretKeys = entries.map(([key]) => key).filter((key) => isConfigSecret(`${project}:${key}`));
  return { values: Object.fromEntries(entries), secretKeys: new Set(secretKeys) };
}

function keyProblems({ values, secretKeys }: RawConfig): Problem[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (!isKey(key)) {
      const close = closest(key, configKeys);
      const meant = close === undefined ? "" : `set '${close}' if that was meant, or `;
      return problem(key, undefined, "be a key of this program", `${meant}remove it with \`pulumi config rm ${key}\``);
    }
    if (value === "" || secretKeys.has(key) === (key === "hfToken")) return [];
    if (key === "hfToken") {
      const remedy =
        "set it with `pulumi config set --secret hfToken`, and revoke the token if the file with it has left this machine";
      return problem(key, undefined, "be encrypted, because it stands readable in the stack's file", remedy);
    }
    const rule = "not be encrypted, because it is written readable to the cluster and the state";
    return problem(key, undefined, rule, `set it with \`pulumi config set --plaintext ${key} <value>\``);
  });
}

/** What the schema has refused, as sentences; its messages are the rules. */
function issueProblems(issue: z.core.$ZodIssue, texts: Record<string, string>): Problem[] {
  const propertyPath = pathText(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys
      .map((name) => pathText([...issue.path, name]))
      .map((wrong) =>
        problem(wrong, undefined, "be a known field", `remove it with \`pulumi config rm --path ${wrong}\``),
      );
  }
  const nested = issue.path.length > 1 ? "--path " : "";
  const remedy = `set it with \`pulumi config set ${nested}${propertyPath} <value>\``;
  return [problem(propertyPath, valueAt(texts, issue.path), issue.message, remedy)];
}

/** A path as `pulumi config set --path` takes it. */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, name) => {
    if (typeof name === "number") return `${text}[${name}]`;
    return text === "" ? String(name) : `${text}.${String(name)}`;
  }, "");
}

function valueAt(texts: Record<string, string>, path: readonly PropertyKey[]): unknown {
  const [key, ...rest] = path;
  const text = texts[String(key)];
  if (rest.length === 0 || text === undefined) return text;
  return rest.reduce<unknown>(
    (value, name) => (value as Record<PropertyKey, unknown> | undefined)?.[name],
    JSON.parse(text),
  );
}

/** The rest is judged by what it can be judged by: a faulty key counts as unset, so that its default hides nothing else. */
function withoutFaulty(texts: Record<string, string>, issues: readonly z.core.$ZodIssue[]): ConfigValues {
  const faulty = new Set(issues.map(({ path }) => String(path[0])));
  return configSchema.parse(Object.fromEntries(Object.entries(texts).filter(([key]) => !faulty.has(key))));
}

/** No secret is printed, wherever it stands. */
function masked({ propertyPath, reason }: Problem, { values, secretKeys }: RawConfig): Problem {
  const secrets = Object.entries(values).flatMap(([key, value]) =>
    value !== "" && (secretKeys.has(key) || key === "hfToken") ? [value] : [],
  );
  return {
    propertyPath,
    reason: secrets.reduce((text, secret) => text.replaceAll(`(${secret})`, "([secret])"), reason),
  };
}

function isKey(key: string): key is ConfigKey {
  return Object.hasOwn(configSchema.shape, key);
}

/** The key that the user may have meant: the nearest one, if it is near. */
function closest(wrong: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((name) => ({ name, distance: editDistance(wrong.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, wrong.length / 3) ? best.name : undefined;
}

/** https://en.wikipedia.org/wiki/Levenshtein_distance */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
