/** Reading a stack's configuration strictly: every mistake becomes a sentence, and no secret is printed. */
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { namingThisStack } from "../cluster/commands";
import { closestTo } from "../text/closest";
import { isOfEntry, withoutEntries } from "./entries";
import { unshownKeys } from "./schema";
import { type Problem, problem, problemsText } from "../text/errors";

/** The configuration as the CLI hands it over: text by key, and which keys are encrypted. */
export interface RawConfig {
  values: Record<string, string>;
  secretKeys: ReadonlySet<string>;
}

/** The schema of a configuration, and which of its keys are secrets. */
export interface ConfigShape<Shape extends z.ZodRawShape> {
  schema: z.ZodObject<Shape>;
  secrets: readonly string[];
  /** Keys that are maps from names to settings, with the keys that these have. */
  maps?: Readonly<Record<string, readonly string[]>>;
}

/** What the values break of the schema; faulty keys count as unset in the values, so that their defaults hide nothing else. */
export function checkShape<Shape extends z.ZodRawShape>(
  shape: ConfigShape<Shape>,
  raw: RawConfig,
): { problems: Problem[]; values: z.infer<z.ZodObject<Shape>> } {
  const known = Object.entries(raw.values).filter(([key]) => isKey(shape, key));
  // An empty text is how Pulumi.yaml says "unset": the CLI insists on a default for each key that may be left out.
  const texts = Object.fromEntries(known.filter(([, value]) => value !== ""));
  const result = shape.schema.safeParse(texts);
  const problems = [
    ...keyProblems(shape, raw),
    ...(result.success ? [] : result.error.issues.flatMap((each) => issueProblems(each, texts, shape))),
  ];
  const values = result.success
    ? result.data
    : shape.schema.parse(withoutFaulty(texts, result.error.issues, shape.maps));
  return { problems, values };
}

export function rawConfig(project: string): RawConfig {
  const entries = Object.entries(pulumi.runtime.allConfig() as Record<string, string>)
    .filter(([key]) => key.startsWith(`${project}:`))
    .map(([key, value]) => [key.slice(project.length + 1), value] as const);
  // The SDK has this function, but marks it as internal.
  const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(this: void, key: string): boolean };
  const secretKeys = entries.map(([key]) => key).filter((key) => isConfigSecret(`${project}:${key}`));
  return { values: Object.fromEntries(entries), secretKeys: new Set(secretKeys) };
}

function keyProblems<Shape extends z.ZodRawShape>(
  shape: ConfigShape<Shape>,
  { values, secretKeys }: RawConfig,
): Problem[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (!isKey(shape, key)) {
      const close = closestTo(key, Object.keys(shape.schema.shape));
      const meant = close === undefined ? "" : `set '${close}' if that was meant, or `;
      return problem(key, undefined, "be a key of this program", `${meant}remove it with \`pulumi config rm ${key}\``);
    }
    const isSecret = shape.secrets.includes(key);
    if (value === "" || secretKeys.has(key) === isSecret) return [];
    if (isSecret) {
      const remedy = `set it with \`pulumi config set --secret ${key}\`, and revoke the ${noun(key)} if the file with it has left this machine`;
      return problem(key, undefined, "be encrypted, because it stands readable in the stack's file", remedy);
    }
    const rule = "not be encrypted, because it is written readable to the cluster and the state";
    return problem(key, undefined, rule, `set it with \`pulumi config set --plaintext ${key} <value>\``);
  });
}

/** Where a part of a list or a map stands, as `--path` takes it: Pulumi refuses the whole as a text. */
const parts: Readonly<Record<string, string>> = { array: "[0]", object: ".<name>", record: ".<name>" };

/** What the schema has refused, as sentences; its messages are the rules. */
function issueProblems<Shape extends z.ZodRawShape>(
  issue: z.core.$ZodIssue,
  texts: Record<string, string>,
  shape: ConfigShape<Shape>,
): Problem[] {
  const propertyPath = pathText(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = issue.path.length === 2 ? (shape.maps?.[String(issue.path[0])] ?? []) : [];
    return issue.keys.map((name) => {
      const wrong = pathText([...issue.path, name]);
      const remove = `remove it with \`pulumi config rm --path ${wrong}\``;
      if (known.length > 0 && isKey(shape, name)) {
        return problem(wrong, undefined, `stand beside '${String(issue.path[0])}', for all of them`, remove);
      }
      const close = closestTo(name, known);
      const meant = close === undefined ? "" : `set '${pathText([...issue.path, close])}' if that was meant, or `;
      return problem(wrong, undefined, "be a known field", `${meant}${remove}`);
    });
  }
  const key = `${issue.path.length > 1 ? "--path " : ""}${propertyPath}`;
  const within = issue.code === "invalid_type" ? parts[issue.expected] : undefined;
  const remedy =
    within === undefined
      ? `set it with \`pulumi config set ${key} <value>\``
      : `remove it with \`pulumi config rm ${key}\`, and set each part with \`pulumi config set --path ${propertyPath}${within} <value>\``;
  const [map = ""] = issue.path;
  // A map that is none may have such keys in it, too.
  const isHidden =
    issue.path.some((part) => unshownKeys.includes(part)) ||
    (issue.path.length <= 2 && Object.hasOwn(shape.maps ?? {}, map));
  const value = isHidden ? undefined : valueAt(texts, issue.path);
  return [problem(propertyPath, value, issue.message, remedy)];
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

/** The rest is judged by what it can be judged by: of settings in a map, and of entries, only the faulty ones are left out. */
function withoutFaulty(
  texts: Record<string, string>,
  issues: readonly z.core.$ZodIssue[],
  maps: Readonly<Record<string, readonly string[]>> = {},
): Record<string, string> {
  const isInMap = ({ path, code }: z.core.$ZodIssue): boolean =>
    Object.hasOwn(maps, String(path[0])) && path.length + (code === "unrecognized_keys" ? 1 : 0) >= 2;
  const whole = issues.filter((each) => !isInMap(each) && !isOfEntry(each));
  const faulty = new Set(whole.map(({ path }) => String(path[0])));
  const kept = Object.entries(texts).filter(([key]) => !faulty.has(key));
  return Object.fromEntries(
    kept.map(([key, text]) => {
      const inside = issues.filter(({ path }) => path[0] === key);
      if (inside.length === 0) return [key, text];
      if (Object.hasOwn(maps, key)) return [key, pruned(text, inside)];
      return [key, JSON.stringify(withoutEntries(JSON.parse(text), inside))];
    }),
  );
}

function pruned(text: string, issues: readonly z.core.$ZodIssue[]): string {
  const all = JSON.parse(text) as Record<string, Record<string, unknown> | undefined>;
  for (const issue of issues) {
    if (isOfEntry(issue, 2)) continue;
    const [, name, field] = issue.path.map(String);
    const fields = issue.code === "unrecognized_keys" && field === undefined ? issue.keys : [field];
    for (const each of fields) {
      // What is no map of settings counts as an empty one.
      if (each === undefined) all[name ?? ""] = {};
      else delete all[name ?? ""]?.[each];
    }
  }
  for (const [name, settings] of Object.entries(all)) {
    for (const [field, value] of Object.entries(settings ?? {})) {
      const own = issues.filter((each) => each.path[1] === name && each.path[2] === field && isOfEntry(each, 2));
      if (own.length > 0 && settings) settings[field] = withoutEntries(value, own, 2);
    }
  }
  return JSON.stringify(all);
}

/** No secret is printed, wherever it stands. */
export function masked(
  { propertyPath, reason }: Problem,
  { values, secretKeys }: RawConfig,
  secretNames: readonly string[],
): Problem {
  const secrets = Object.entries(values).flatMap(([key, value]) =>
    value !== "" && (secretKeys.has(key) || secretNames.includes(key)) ? [value] : [],
  );
  // A short one, such as "1", is replaced only where it is the whole value: elsewhere it would maim the sentence.
  const hide = (text: string, secret: string): string =>
    secret.length < 6 ? text.replaceAll(`(${secret})`, "([secret])") : text.replaceAll(secret, "[secret]");
  return { propertyPath: secrets.reduce(hide, propertyPath), reason: secrets.reduce(hide, reason) };
}

function isKey<Shape extends z.ZodRawShape>({ schema }: ConfigShape<Shape>, key: string): boolean {
  return Object.hasOwn(schema.shape, key);
}

/** `hfToken` is a token. */
function noun(key: string): string {
  return /token$/i.test(key) ? "token" : "key";
}

/**
 * The error that an async program throws for its user's mistakes: text, no stack. Pulumi inspects the stack although it hides it, and
 * Node 22 takes 40 s and all memory for a line such as `node_modules/@pulumi/resource.ts`, which async programs have.
 */
export function userError(subject: string, problems: readonly Problem[]): pulumi.RunError {
  const error = new pulumi.RunError(namingThisStack(problemsText(subject, problems)));
  error.stack = String(error);
  return error;
}
