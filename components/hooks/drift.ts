import * as pulumi from "@pulumi/pulumi";
import type { ClusterConnection } from "../cluster/connection";
import { sharedClient } from "../cluster/client";
import { objectPath } from "./ownership";

/** https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers */
interface ManagedFields {
  manager?: string;
  subresource?: string;
  fieldsV1?: FieldSet;
}
interface FieldSet {
  [key: string]: FieldSet;
}

interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/**
 * Says before an update which fields of ours another tool has changed: the update takes them back. It only informs, so a
 * failure of it is a warning.
 */
export function driftHook(name: string, connection: ClusterConnection): pulumi.ResourceHook {
  const report: pulumi.ResourceHookFunction = async ({ newInputs, oldInputs }) => {
    const inputs = newInputs as unknown as KubernetesObject;
    const { apiVersion, kind, metadata } = inputs;
    const reader = await sharedClient(connection);
    const live = (await reader.get(objectPath({ apiVersion, kind, ...metadata })))?.body;
    const { managedFields = [] } = (live as { metadata?: { managedFields?: ManagedFields[] } })?.metadata ?? {};
    for (const [manager, fields] of foreignFields(inputs, managedFields)) {
      await pulumi.log.warn(
        `${kind} ${metadata.name}: '${manager}' has set ${fields.join(", ")}; this update takes it back.`,
      );
    }
    const nobodys = releasedFields(oldInputs, inputs, live, managedFields);
    if (nobodys.length > 0) {
      const who = "somebody whom the cluster does not name, as after `kubectl scale`,";
      await pulumi.log.warn(
        `${kind} ${metadata.name}: ${who} has set ${nobodys.join(", ")}; this update takes it back.`,
      );
    }
  };
  return new pulumi.ResourceHook(name, report, { ignoreErrors: true });
}

/**
 * The fields that the program sets and has set before, whose live value is another, and that no manager holds any more: the subresource `scale`
 * takes `spec.replicas` from its manager and gives it to nobody. An object of which nothing is ours yet was imported: the server's own
 * defaults have no manager either.
 */
export function releasedFields(
  oldInputs: unknown,
  newInputs: unknown,
  live: unknown,
  managedFields: readonly ManagedFields[],
): string[] {
  if (!managedFields.some(isOurs)) return [];
  const held = new Set(managedFields.flatMap(({ fieldsV1 = {} }) => leaves(fieldsV1).map(pathText)));
  return differing(oldInputs, newInputs, live).filter((path) => !held.has(path));
}

/** Paths of plain values outside lists that were set before and are otherwise in the live object. */
function differing(before: unknown, wanted: unknown, live: unknown, path = ""): string[] {
  if (typeof wanted !== "object" || wanted === null)
    return before === undefined || live === undefined || live === wanted ? [] : [path];
  if (![before, wanted, live].every(isPlainMap)) return [];
  const [old, now] = [before as Record<string, unknown>, live as Record<string, unknown>];
  return Object.entries(wanted).flatMap(([key, value]) =>
    differing(old[key], value, now[key], path === "" ? key : `${path}.${key}`),
  );
}

function isPlainMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !pulumi.Output.isInstance(value);
}

const isOurs = ({ manager = "" }: ManagedFields): boolean => manager.startsWith("pulumi");

/** The fields among `inputs` that belong to another field manager alone, by manager. */
export function foreignFields(inputs: unknown, managedFields: readonly ManagedFields[]): Map<string, string[]> {
  const ours = new Set(managedFields.filter(isOurs).flatMap(({ fieldsV1 = {} }) => leaves(fieldsV1).map(pathText)));
  const found = new Map<string, string[]>();
  for (const { manager = "somebody", fieldsV1 = {} } of managedFields.filter(
    // `scale` is one too: only what a controller reports of an object is no drift.
    (each) => !isOurs(each) && each.subresource !== "status",
  )) {
    const fields = leaves(fieldsV1)
      .filter((path) => has(inputs, path))
      .map(pathText)
      .filter((path) => !ours.has(path));
    if (fields.length > 0) found.set(manager, [...(found.get(manager) ?? []), ...fields]);
  }
  return found;
}

/** Paths of the fields that hold values: `f:name` is a field, `k:{…}` an element of a list by its keys, `v:…` by its value. */
function leaves(fields: FieldSet, path: readonly string[] = []): string[][] {
  const inner = Object.entries(fields).filter(([key]) => key !== ".");
  if (inner.length === 0) return [[...path]];
  return inner.flatMap(([key, value]) => leaves(value, [...path, key]));
}

const isPlain = (value: object): boolean => Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;

function has(value: unknown, path: readonly string[]): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return value !== undefined;
  if (typeof value !== "object" || value === null) return false;
  // Only what is no plain object can be one; operators' commands, which meet none, need not load the SDK for it.
  if (!isPlain(value) && pulumi.Output.isInstance(value)) return true;
  if (step.startsWith("f:")) return has((value as Record<string, unknown>)[step.slice(2)], rest);
  if (!step.startsWith("k:") || !Array.isArray(value)) return false;
  const keys = Object.entries(JSON.parse(step.slice(2)) as Record<string, unknown>);
  const element = (value as Record<string, unknown>[]).find((each) =>
    keys.every(([key, wanted]) => each[key] === wanted),
  );
  return has(element, rest);
}

function pathText(path: readonly string[]): string {
  return path.reduce((text, step) => {
    if (step.startsWith("f:")) return text === "" ? step.slice(2) : `${text}.${step.slice(2)}`;
    if (!step.startsWith("k:")) return `${text}[${step.slice(2)}]`;
    return `${text}[${Object.values(JSON.parse(step.slice(2)) as object).join(",")}]`;
  }, "");
}
