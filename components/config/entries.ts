/** Lists and maps whose entries are judged one by one: the shape of one hides no mistake of the others. */
import type { z } from "zod";
import type { Problem } from "../text/errors";

const entryMaps: readonly PropertyKey[] = ["env", "nodeSelector"];
/** A flag and its value are two entries: one that is wrong keeps its place. */
const paired = "extraArgs";

type Issue = z.core.$ZodIssue;

/** Whether the issue is in an entry of the list or map whose key stands at `at` in its path. */
export function isOfEntry({ path }: Issue, at = 0): boolean {
  return path.length > at + 1 && (typeof path[at + 1] === "number" || entryMaps.includes(path[at]!));
}

/** The list or map, whose key stands at `at` in the paths of the issues, without the entries that these are of. */
export function withoutEntries(value: unknown, issues: readonly Issue[], at = 0): unknown {
  const of = (entry: PropertyKey): Issue[] => issues.filter(({ path }) => path[at + 1] === entry);
  if (!Array.isArray(value))
    return Object.fromEntries(Object.entries(value as object).filter(([name]) => of(name).length === 0));
  return value.flatMap((entry: unknown, index) => {
    const own = of(index);
    if (own.length === 0) return [entry];
    if (own[0]!.path[at] === paired) return [""];
    // A number or a boolean among texts is judged as it would be in quotes.
    const isText = own.every((each) => each.code === "invalid_type" && each.expected === "string");
    return isText && (typeof entry === "number" || typeof entry === "boolean") ? [String(entry)] : [];
  });
}

/** The mistakes of values, but for those of an entry whose shape was wrong; what was left out before an entry is counted in its number. */
export function besides(shapes: readonly Problem[], values: readonly Problem[]): Problem[] {
  const said = new Set(shapes.map(({ propertyPath }) => propertyPath).filter((path) => path.endsWith("]")));
  const gone = new Map<string, Set<number>>();
  for (const { propertyPath } of shapes) {
    const { list, index } = firstEntry(propertyPath) ?? {};
    if (list === undefined || index === undefined || list.endsWith(paired)) continue;
    gone.set(list, (gone.get(list) ?? new Set()).add(index));
  }
  return values.filter(({ propertyPath }) => !said.has(propertyPath)).map((each) => numbered(each, gone));
}

function numbered(given: Problem, gone: ReadonlyMap<string, ReadonlySet<number>>): Problem {
  const { list, index, rest } = firstEntry(given.propertyPath) ?? {};
  const left = list === undefined ? undefined : gone.get(list);
  if (index === undefined || !left) return given;
  let number = index;
  for (const each of [...left].toSorted((a, b) => a - b)) if (each <= number) number++;
  const propertyPath = `${list}[${number}]${rest}`;
  return { propertyPath, reason: given.reason.replaceAll(given.propertyPath, propertyPath) };
}

function firstEntry(path: string): { list: string; index: number; rest: string } | undefined {
  const [, list = "", index, rest = ""] = /^([^[]*)\[(\d+)\](.*)$/.exec(path) ?? [];
  return index === undefined ? undefined : { list, index: Number(index), rest };
}
