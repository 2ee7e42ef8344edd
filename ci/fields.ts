/** What differs between two values, field by field, with named list items by name. Pure. */
import type { FieldChange } from "./report";

/** A list of `--flag value` pairs is compared by flag; a list of objects with names, by name. */
export function fieldChanges(before: unknown, after: unknown, path = ""): FieldChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const [left, right] = [asMap(before), asMap(after)];
  if (!left || !right || left.style !== right.style)
    return [{ path, ...shown("before", before), ...shown("after", after) }];
  const keys = [...new Set([...left.entries.keys(), ...right.entries.keys()])].filter((key) => !key.startsWith("__"));
  return keys.flatMap((key) =>
    fieldChanges(left.entries.get(key), right.entries.get(key), joined(path, key, left.style)),
  );
}

type Style = "fields" | "items" | "flags";

function asMap(value: unknown): { style: Style; entries: Map<string, unknown> } | undefined {
  if (Array.isArray(value)) return listAsMap(value);
  if (typeof value !== "object" || value === null) return undefined;
  return { style: "fields", entries: new Map(Object.entries(value)) };
}

function listAsMap(list: readonly unknown[]): { style: Style; entries: Map<string, unknown> } | undefined {
  if (list.some((item) => typeof item === "string" && item.startsWith("--"))) return flags(list.map(String));
  const named = list.map((item) => (item as { name?: unknown } | null)?.name);
  if (list.length === 0 || named.some((name) => typeof name !== "string")) return undefined;
  return { style: "items", entries: new Map(list.map((item, index) => [named[index] as string, item])) };
}

function flags(list: readonly string[]): { style: Style; entries: Map<string, unknown> } {
  const entries = new Map<string, unknown>();
  let flag = "";
  for (const item of list) {
    if (item.startsWith("--")) {
      flag = item;
      entries.set(flag, "");
    } else entries.set(flag, [entries.get(flag), item].filter(Boolean).join(" "));
  }
  return { style: "flags", entries };
}

function joined(path: string, key: string, style: Style): string {
  if (style === "items") return `${path}[${key}]`;
  if (style === "flags") return `${path} ${key}`;
  const quoted = /^[\w-]+$/.test(key) ? key : `["${key}"]`;
  return path === "" || quoted.startsWith("[") ? `${path}${quoted}` : `${path}.${quoted}`;
}

const longest = 200;

function shown(key: "before" | "after", value: unknown): Partial<FieldChange> {
  if (value === undefined) return {};
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return { [key]: text.length > longest || text.includes("\n") ? `(${text.length} characters)` : text };
}
