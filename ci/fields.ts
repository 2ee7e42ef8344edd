/** What differs between two values, field by field, with named list items by name. Pure. */
import { parseDocument } from "yaml";
import type { FieldChange } from "./report";

/**
 * A list of `--flag value` pairs is compared by flag; a list of objects with names, by name. Of a longer text the first line that differs is
 * shown, where texts may be read.
 */
export function fieldChanges(before: unknown, after: unknown, readable = false, path = ""): FieldChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const [left, right] = [asMap(parsed(path, before)), asMap(parsed(path, after))];
  if (!left || !right || left.style !== right.style)
    return [
      { path, ...((readable && lines(before, after)) || { ...shown("before", before), ...shown("after", after) }) },
    ];
  const keys = [...new Set([...left.entries.keys(), ...right.entries.keys()])].filter((key) => !key.startsWith("__"));
  return keys.flatMap((key) =>
    fieldChanges(left.entries.get(key), right.entries.get(key), readable, joined(path, key, left.style)),
  );
}

/** A file of settings within an object, such as `data["config.yaml"]`, is compared by its settings. */
function parsed(path: string, value: unknown): unknown {
  if (typeof value !== "string" || !path.endsWith('.yaml"]')) return value;
  const document = parseDocument(value);
  return document.errors.length === 0 ? document.toJS() : value;
}

type Style = "fields" | "items" | "flags";

function asMap(value: unknown): { style: Style; entries: Map<string, unknown> } | undefined {
  if (Array.isArray(value)) return listAsMap(value);
  if (typeof value !== "object" || value === null) return undefined;
  return { style: "fields", entries: new Map(Object.entries(value)) };
}

function listAsMap(list: readonly unknown[]): { style: Style; entries: Map<string, unknown> } | undefined {
  if (list.some((item) => typeof item === "string" && item.startsWith("--"))) return flags(list.map(String));
  const named = list.map((item) => nameOf(item as Named | null));
  if (list.length === 0 || named.some((name) => name === undefined)) return undefined;
  const entries = new Map<string, unknown>();
  for (const [index, item] of list.entries()) {
    const name = named[index]!;
    const count = named.slice(0, index).filter((other) => other === name).length;
    entries.set(count === 0 ? name : `${name} ${count + 1}`, item);
  }
  return { style: "items", entries };
}

/** LiteLLM calls its models' names otherwise. */
interface Named {
  name?: unknown;
  model_name?: unknown;
}

function nameOf(item: Named | null): string | undefined {
  const name = item?.name ?? item?.model_name;
  return typeof name === "string" ? name : undefined;
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

/** How the engine's events show a value that is not known before `up`. */
export function isUnknown(value: unknown): boolean {
  return value === "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
}

/** Key of what the engine writes in place of a secret. https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go */
const secretMark = "4dabf18193072939515e22adb298388d";

const longest = 200;

/** The first line that differs between two texts of several, by its number; undefined for other values. */
function lines(before: unknown, after: unknown): Pick<FieldChange, "before" | "after"> | undefined {
  if (typeof before !== "string" || typeof after !== "string" || !`${before}${after}`.includes("\n")) return undefined;
  const [left, right] = [before.split("\n"), after.split("\n")];
  const index = left.findIndex((line, number) => line !== right[number]);
  const at = index < 0 ? left.length : index;
  const line = (all: readonly string[]): string => `line ${at + 1}: ${all[at]?.slice(0, longest) ?? "(none)"}`;
  return { before: line(left), after: line(right) };
}

function shown(key: "before" | "after", value: unknown): Partial<FieldChange> {
  if (value === undefined) return {};
  if (isUnknown(value)) return { [key]: "(known after `up`)" };
  if (typeof value === "object" && value !== null && secretMark in value) return { [key]: "(secret)" };
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return { [key]: text.length > longest || text.includes("\n") ? `(${text.length} characters)` : text };
}
