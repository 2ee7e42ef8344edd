/**
 * The properties of a resource as plain data. In a preview a property may be unknown, and touching one in Pulumi's proxy
 * throws, which turns the whole policy into an advisory note; here it becomes the value `UNKNOWN`, so that a policy judges
 * what is known and stays silent about the rest.
 */
import { UnknownValueError } from "./pulumiProxy";

export const UNKNOWN = Symbol("unknown during preview");

export interface Values {
  readonly [key: string]: Value;
}
export type Value = null | boolean | number | string | typeof UNKNOWN | readonly Value[] | Values;
export type Path = readonly (string | number)[];

/** A copy of `props` without Pulumi's proxies. */
export function readProperties(props: object): Values {
  return Object.fromEntries(Object.keys(props).map((key) => [key, readProperty(props, key)]));
}

function readProperty(parent: object, key: string): Value {
  let value: unknown;
  try {
    value = (parent as Record<string, unknown>)[key];
  } catch (error) {
    if (error instanceof UnknownValueError) return UNKNOWN;
    throw error;
  }
  if (Array.isArray(value)) return Array.from(value.keys(), (index) => readProperty(value as object, String(index)));
  if (typeof value === "object" && value !== null) return readProperties(value);
  return value === undefined ? null : (value as Value);
}

/** The value under `path`: `undefined` if it is certainly absent, `UNKNOWN` if something on the way is not known. */
export function at(value: Value | undefined, ...path: Path): Value | undefined {
  let current: Value | undefined = value;
  for (const key of path) {
    if (current === UNKNOWN) return UNKNOWN;
    if (current === null || typeof current !== "object") return undefined;
    current = (current as Values)[key];
  }
  return current === null ? undefined : current;
}

export function isObject(value: Value | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The elements that are known to exist; a list that is unknown or absent has none. */
export function elements(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [];
}

/** Whether nothing in the list is unknown, so that what is not seen is not there. */
export function isComplete(value: Value | undefined): boolean {
  return value !== UNKNOWN && !elements(value).includes(UNKNOWN);
}

export function entries(value: Value | undefined): [string, Value][] {
  return isObject(value) ? Object.entries(value) : [];
}

export function asText(value: Value | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Numbers and what Kubernetes takes for one: counts in quantities are often written as text. */
export function asNumber(value: Value | undefined): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

/** The value as a message shows it. */
export function show(value: Value | undefined): string {
  if (value === undefined || value === null) return "absent";
  if (value === UNKNOWN) return "unknown";
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
