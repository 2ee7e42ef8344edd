/** What a program hands over, judged as the configuration is: TypeScript's types are gone when it runs, and JavaScript has none. */
import * as pulumi from "@pulumi/pulumi";
import { closestTo } from "../text/closest";
import { type Problem, problem } from "../text/errors";
import type { z } from "zod";
import { isOfEntry, withoutEntries } from "./entries";
import { unshownKeys } from "./schema";

/** Every mistake in the shape of the arguments; the faulty ones count as unset in `args`, so that their defaults hide nothing else. */
export function checkArgs<T extends object>(
  given: T,
  schema: z.ZodObject,
  content: readonly string[],
): { problems: Problem[]; args: T } {
  const isContent = (key: string): boolean => content.includes(key);
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  const late = entries.filter(([key, value]) => (isContent(key) ? isOutput(value) : isLate(value))).map(([key]) => key);
  const problems = late.filter((key) => !isContent(key)).map(lateProblem);
  const plain = Object.fromEntries(entries.filter(([key]) => !late.includes(key)));
  const result = schema.safeParse(plain);
  const faulty = new Set(late.filter((key) => !isContent(key)));
  const issues = result.error?.issues ?? [];
  for (const issue of issues) {
    const path = pathText(issue.path);
    if (issue.code !== "unrecognized_keys") {
      const given = valueAt(plain, issue.path);
      const value = issue.path.some((part) => unshownKeys.includes(part)) || isLate(given) ? undefined : given;
      problems.push(problem(path, value, issue.message, "set another value, or leave it out"));
      if (!isOfEntry(issue)) faulty.add(String(issue.path[0]));
      continue;
    }
    for (const key of issue.keys) {
      const close = issue.path.length === 0 ? closestTo(key, Object.keys(schema.shape)) : undefined;
      const meant = close === undefined ? "leave it out" : `set '${close}' if that was meant, or leave it out`;
      problems.push(problem(pathText([...issue.path, key]), undefined, "be a known argument", meant));
      if (!isOfEntry(issue)) faulty.add(String(issue.path[0] ?? key));
    }
  }
  const rest = Object.fromEntries(
    Object.entries(plain).map(([key, value]) => {
      const own = issues.filter((each) => each.path[0] === key && isOfEntry(each));
      return [key, own.length === 0 || faulty.has(key) ? value : withoutEntries(value, own)];
    }),
  );
  const right = entries.filter(([key]) => !faulty.has(key));
  // As the schema has them: a number among words is a text then, as in the configuration.
  const read = schema.partial().parse(Object.fromEntries(Object.entries(rest).filter(([key]) => !faulty.has(key))));
  return { problems, args: { ...Object.fromEntries(right), ...read } as T };
}

/** Known only while the program runs on: an Output, a promise, or a list or a map with one in it. */
function isLate(value: unknown, around: readonly unknown[] = []): boolean {
  if (isOutput(value)) return true;
  // What holds itself has been looked at already; its shape is the schema's to refuse.
  if (typeof value !== "object" || value === null || around.includes(value)) return false;
  return Object.values(value).some((each) => isLate(each, [...around, value]));
}

export function isOutput(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

function lateProblem(key: string): Problem {
  const rule = "be a plain value, not an Output, because it decides which objects there are and what they are called";
  return problem(key, undefined, rule, "take it from the configuration, or from a constant of the program");
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${String(part)}`))
    .join("");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, part) => (inner as Record<PropertyKey, unknown> | undefined)?.[part], value);
}
