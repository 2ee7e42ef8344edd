import { isMap, reveal, type Value, type ValueMap } from "../shared/wire";

/** Readers of a Kubernetes object's common fields; values may be unknown, then they read as absent. */
export function text(map: ValueMap, ...path: string[]): string {
  const value = at(map, ...path);
  return typeof value === "string" ? value : "";
}

export function at(map: ValueMap, ...path: string[]): Value | undefined {
  let current: Value | undefined = map;
  for (const key of path) {
    const plain: Value | undefined = current === undefined ? undefined : reveal(current);
    if (!isMap(plain)) return undefined;
    current = plain[key];
  }
  return current === undefined ? undefined : reveal(current);
}

export const kindOf = (object: ValueMap): string => text(object, "kind");
export const apiVersionOf = (object: ValueMap): string => text(object, "apiVersion");
export const nameOf = (object: ValueMap): string => text(object, "metadata", "name");
export const namespaceOf = (object: ValueMap): string => text(object, "metadata", "namespace");
export const annotation = (object: ValueMap, name: string): string => text(object, "metadata", "annotations", name);
export const isTrue = (object: ValueMap, name: string): boolean => annotation(object, name) === "true";

/** The resource's ID in state. */
export function idOf(object: ValueMap): string {
  const namespace = namespaceOf(object);
  return namespace === "" ? nameOf(object) : `${namespace}/${nameOf(object)}`;
}

export function parseId(id: string): { namespace: string; name: string } {
  const separator = id.indexOf("/");
  return separator < 0
    ? { namespace: "", name: id }
    : { namespace: id.slice(0, separator), name: id.slice(separator + 1) };
}

/** A copy with the given fields of metadata set; undefined removes one. */
export function withMetadata(object: ValueMap, fields: Record<string, Value | undefined>): ValueMap {
  const old = object["metadata"];
  const metadata: ValueMap = { ...(isMap(old) ? old : {}) };
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) delete metadata[key];
    else metadata[key] = value;
  }
  return { ...object, metadata };
}

// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/#System
const serverFields = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

/** The object without what only the server writes. */
export function withoutServerFields<T extends ValueMap>(object: T): ValueMap {
  const present = isMap(object["metadata"])
    ? serverFields.filter((key) => key in (object["metadata"] as ValueMap))
    : [];
  return present.length === 0
    ? object
    : withMetadata(object, Object.fromEntries(present.map((key) => [key, undefined])));
}

export const isSecret = (object: ValueMap): boolean => apiVersionOf(object) === "v1" && kindOf(object) === "Secret";
export const isConfigMap = (object: ValueMap): boolean =>
  apiVersionOf(object) === "v1" && kindOf(object) === "ConfigMap";

/** API version and kind of a resource type such as `kubernetes:apps/v1:Deployment`. */
export function typeOf(urn: string): { apiVersion: string; kind: string } {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const [, apiVersion = "", kind = ""] = type.split(":");
  return { apiVersion: apiVersion.replace(/^core\//, ""), kind };
}

/** A secret's `stringData` as the server stores it: in `data`, base64. */
export function mergeStringData(object: ValueMap): ValueMap {
  const stringData = at(object, "stringData");
  if (!isSecret(object) || !isMap(stringData)) return object;
  const data = at(object, "data");
  const encoded = Object.entries(stringData).map(([key, value]): [string, Value] => [
    key,
    typeof value === "string" ? Buffer.from(value).toString("base64") : value,
  ]);
  const merged: ValueMap = { ...object, data: { ...(isMap(data) ? data : {}), ...Object.fromEntries(encoded) } };
  delete merged["stringData"];
  return merged;
}
