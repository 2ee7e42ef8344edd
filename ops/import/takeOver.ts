import { isDeepStrictEqual } from "node:util";
import { ApiError } from "../../components/cluster/apiError";
import type { ClusterClient } from "../../components/cluster/client";
import { objectPath } from "../../components/hooks/ownership";
import { ownerAnnotation } from "../../components/manifests/labels";
import { pause } from "../terminal/interrupt";
import type { Adoption, LiveObject, ManagedFields } from "./plan";

const appliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

interface Resource {
  urn: string;
  type: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

export interface ExportedState {
  deployment?: { resources?: Resource[] };
}

/**
 * What was applied, as `kubectl apply` wrote it down: without what the API server and controllers have added, and without the fields that the API
 * server does not know and has dropped. In the state such a field (a StorageClass's, in the old claim) would look like one that an `up` removes.
 */
export function appliedInputs(live: LiveObject): Record<string, unknown> | undefined {
  const text = live.metadata.annotations?.[appliedAnnotation];
  if (text === undefined) return undefined;
  const applied = kept(JSON.parse(text), live) as { metadata?: { annotations?: Record<string, string> } };
  const { annotations = {}, ...metadata } = applied.metadata ?? {};
  return { ...applied, metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) } };
}

/** Without the fields that the live object lacks. */
function kept(applied: unknown, live: unknown): unknown {
  if (Array.isArray(applied)) return applied.map((each, at) => kept(each, Array.isArray(live) ? live[at] : undefined));
  if (!isObject(applied) || !isObject(live)) return applied;
  const fields = Object.entries(applied).filter(([name]) => name in live);
  return Object.fromEntries(fields.map(([name, value]) => [name, kept(value, live[name])]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * An import takes all of a live object for the program's inputs: a volume name and a cluster IP among them, which would look removed and
 * replace the claim and the Service. Inputs are what was applied. Changes the state in place; gives the resources that were changed.
 */
export function useAppliedInputs(state: ExportedState, inputs: ReadonlyMap<string, Record<string, unknown>>): string[] {
  const changed: string[] = [];
  for (const resource of state.deployment?.resources ?? []) {
    const name = resource.urn.split("::").at(-1) ?? "";
    const applied = inputs.get(name);
    if (applied === undefined || isWritten(resource.inputs) || isDeepStrictEqual(resource.inputs, applied)) continue;
    resource.inputs = applied;
    if (resource.outputs && "__inputs" in resource.outputs) resource.outputs["__inputs"] = applied;
    changed.push(name);
  }
  return changed;
}

/**
 * Whether an `up` has written it: every object of the program carries its owner. What an import reads besides is the provider's own affair: the
 * official one leaves out what `kubectl apply` wrote down.
 */
function isWritten(inputs: Record<string, unknown> | undefined): boolean {
  const { metadata } = (inputs ?? {}) as { metadata?: { annotations?: Record<string, string> } };
  return metadata?.annotations?.[ownerAnnotation] !== undefined;
}

/** Under which name Pulumi writes each resource. */
export function fieldManagers(state: ExportedState): Map<string, string> {
  const named = (state.deployment?.resources ?? []).flatMap(({ urn, outputs }): [string, string][] => {
    const manager = outputs?.["__fieldManager"];
    return typeof manager === "string" ? [[urn.split("::").at(-1) ?? "", manager]] : [];
  });
  return new Map(named);
}

/**
 * The fields that `kubectl apply` wrote become those of Pulumi's applies, or the first `up` could not remove what the program leaves out (the
 * old token's variable). Only bookkeeping: neither the object nor its generation changes.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
 */
export function handedOver(entries: readonly ManagedFields[], manager: string): ManagedFields[] | undefined {
  const old = (entry: ManagedFields): boolean =>
    entry.operation === "Update" && entry.subresource === undefined && /^(kubectl|oc)\b/.test(entry.manager ?? "");
  // Two Apply entries of one manager are not allowed: what a second tool (`oc edit`, `oc set`) has changed stays its own.
  const first =
    entries.find((entry) => old(entry) && /client-side-apply/.test(entry.manager ?? "")) ?? entries.find(old);
  if (!first || entries.some((entry) => entry.manager === manager && entry.operation === "Apply")) return undefined;
  return entries.map((entry) => (entry === first ? { ...entry, manager, operation: "Apply" } : entry));
}

/** Fields that are Pulumi's now, and under which entry they stood before. */
export interface HandedOver {
  adoption: Adoption;
  manager: string;
  before: { manager: string; operation: string };
}

export async function handOver(
  client: ClusterClient,
  namespace: string,
  adoption: Adoption,
  manager: string,
): Promise<HandedOver | undefined> {
  let before: HandedOver["before"] | undefined;
  await rewrite(client, namespace, adoption, (entries) => {
    const after = handedOver(entries, manager);
    const old = after && entries.find((entry) => !after.includes(entry));
    before = old && { manager: old.manager ?? "", operation: old.operation ?? "" };
    return after;
  });
  return before && { adoption, manager, before };
}

/** Undoes {@link handOver}, as far as nobody has written the fields since. */
export async function handBack(
  client: ClusterClient,
  namespace: string,
  { adoption, manager, before }: HandedOver,
): Promise<void> {
  const isOurs = (entry: ManagedFields): boolean => entry.manager === manager && entry.operation === "Apply";
  await rewrite(client, namespace, adoption, (entries) =>
    entries.some(isOurs) ? entries.map((entry) => (isOurs(entry) ? { ...entry, ...before } : entry)) : undefined,
  );
}

/** As the object is now: a server that crashes changes the status of its Deployment all the time. */
async function rewrite(
  client: ClusterClient,
  namespace: string,
  { apiVersion, kind, name }: Adoption,
  change: (entries: readonly ManagedFields[]) => ManagedFields[] | undefined,
): Promise<void> {
  const path = objectPath({ apiVersion, kind, name, namespace });
  for (let attempt = 1; ; attempt++) {
    const live = (await client.get(path))?.body as LiveObject | undefined;
    const managedFields = live && change(live.metadata.managedFields ?? []);
    if (!managedFields) return;
    const { resourceVersion } = live.metadata;
    try {
      await client.send("PATCH", path, { metadata: { resourceVersion, managedFields } });
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || attempt === 10) throw error;
      await pause(100 * attempt);
    }
  }
}
