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
  const report: pulumi.ResourceHookFunction = async ({ newInputs }) => {
    const inputs = newInputs as unknown as KubernetesObject;
    const { apiVersion, kind, metadata } = inputs;
    const reader = await sharedClient(connection);
    const live = await reader.get(objectPath({ apiVersion, kind, ...metadata }));
    const { managedFields = [] } = (live?.body as { metadata?: { managedFields?: ManagedFields[] } })?.metadata ?? {};
    for (const [manager, fields] of foreignFields(inputs, managedFields)) {
      await pulumi.log.warn(
        `${kind} ${metadata.name}: '${manager}' has set ${fields.join(", ")}; this update takes it back.`,
      );
    }
  };
  return new pulumi.ResourceHook(name, report, { ignoreErrors: true });
}

/** The fields among `inputs` that belong to another field manager alone, by manager. */
export function foreignFields(inputs: unknown, managedFields: readonly ManagedFields[]): Map<string, string[]> {
  const isOurs = ({ manager = "" }: ManagedFields): boolean => manager.startsWith("pulumi");
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

function has(value: unknown, path: readonly string[]): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return value !== undefined;
  if (pulumi.Output.isInstance(value)) return true;
  if (typeof value !== "object" || value === null) return false;
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
