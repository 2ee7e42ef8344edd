/** Keys whose entries are judged one by one: the shape of one hides no mistake of the others. */
import type { Problem } from "../text/errors";

const entryKeys: readonly PropertyKey[] = ["env", "extraArgs"];

/** Whether the path leads into an entry of the key that stands at `at` in it. */
export function isEntry(path: readonly PropertyKey[], at = 0): boolean {
  return path.length > at + 1 && entryKeys.includes(path[at]!);
}

/** A map without the entry, or a list with an empty text in its place, so that the others keep their numbers. */
export function withoutEntry(value: unknown, entry: PropertyKey): unknown {
  if (Array.isArray(value)) return value.map((each: unknown, index) => (index === entry ? "" : each));
  return Object.fromEntries(Object.entries(value as object).filter(([name]) => name !== entry));
}

/** The mistakes of values, but for those of an entry of a list whose shape was wrong. */
export function besides(shapes: readonly Problem[], values: readonly Problem[]): Problem[] {
  const said = new Set(shapes.map(({ propertyPath }) => propertyPath).filter((path) => path.endsWith("]")));
  return values.filter(({ propertyPath }) => !said.has(propertyPath));
}
