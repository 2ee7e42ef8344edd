import { isMap, type Json, type JsonMap } from "../shared/wire";
import { parsePath } from "./diff";
import { at, text } from "./object";

/**
 * Inputs for an apply that leaves the ignored fields as the cluster has them: fields that others own are left out, so that
 * nobody is contradicted, and fields of ours are sent with their live value, so that they are not removed.
 */
export function keepIgnored(inputs: JsonMap, live: JsonMap, manager: string, ignored: string[]): JsonMap {
  return ignored.reduce((object, text) => {
    const path = parsePath(text);
    // Inside lists the engine itself has put the old value into the inputs.
    if (!path.every((part) => typeof part === "string" && part !== "*")) return object;
    const keys = path as string[];
    const owners = ownersOf(live, keys);
    const others = owners.some((owner) => owner !== manager);
    if (others && !owners.includes(manager)) return set(object, keys, undefined);
    const value = at(live, ...keys) as Json | undefined;
    return value === undefined ? object : set(object, keys, value);
  }, inputs);
}

function ownersOf(live: JsonMap, path: string[]): string[] {
  const entries = at(live, "metadata", "managedFields");
  const fields = path.map((key) => `f:${key}`);
  return (Array.isArray(entries) ? (entries as JsonMap[]) : [])
    .filter((entry) => at(entry, "fieldsV1", ...fields) !== undefined)
    .map((entry) => text(entry, "manager"));
}

function set(object: JsonMap, [key, ...rest]: string[], value: Json | undefined): JsonMap {
  if (key === undefined) return object;
  const copy = { ...object };
  if (rest.length > 0) {
    const child = copy[key];
    if (isMap(child)) copy[key] = set(child, rest, value);
    else if (value !== undefined) copy[key] = set({}, rest, value);
  } else if (value === undefined) {
    delete copy[key];
  } else {
    copy[key] = value;
  }
  return copy;
}
