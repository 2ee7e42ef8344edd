import type { KubernetesObject, V1ConfigMap, V1Container, V1Pod, V1Secret } from "@kubernetes/client-node";
import { faults } from "./faults";

/** A RuntimeClass, as far as a kubelet looks into it. */
export interface RuntimeClass extends KubernetesObject {
  handler: string;
}

/** What exists in the cluster, for what a pod refers to; each by `<namespace>/<name>`. */
export interface Existing {
  secrets: ReadonlyMap<string, V1Secret>;
  configMaps: ReadonlyMap<string, V1ConfigMap>;
  runtimeClasses: ReadonlyMap<string, RuntimeClass>;
  /** The settings; `undefined` before they have been read. */
  settings: V1ConfigMap | undefined;
}

const handlers = ["", "runc", "crun"];
const prefix = "simulation/missing-";

/**
 * The annotations by which the process tells the Stages what a pod lacks, as a merge patch; `undefined` when they say it already.
 * A pod that has started is left alone.
 */
export function annotationsFor(pod: V1Pod, existing: Existing): Record<string, string | null> | undefined {
  if (pod.metadata?.deletionTimestamp || pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed")
    return undefined;
  const current = pod.metadata?.annotations ?? {};
  if (current["simulation/fault"] === undefined) return undefined; // made before the simulation was installed
  const fault = faultOf(pod, current, existing.settings);
  const wanted: Record<string, string> = { ...missing(pod, existing, fault), "simulation/fault": fault };
  if (current["simulation/references"] === "unchecked") wanted["simulation/references"] = "checked";
  const patch: Record<string, string | null> = {};
  for (const key of Object.keys(current)) if (key.startsWith(prefix) && !(key in wanted)) patch[key] = null;
  for (const [key, value] of Object.entries(wanted)) if (current[key] !== value) patch[key] = value;
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/**
 * The fault of a pod follows the settings while it lives (a full disk that was mended is mended for the pod that waits for it), unless
 * the admission rule has already seen newer settings than this process.
 */
function faultOf(pod: V1Pod, current: Record<string, string>, settings: V1ConfigMap | undefined): string {
  const stamped = BigInt(current["simulation/settings-version"] ?? 0);
  if (settings === undefined || BigInt(settings.metadata?.resourceVersion ?? 0) < stamped)
    return current["simulation/fault"] ?? "none";
  return settings.data?.[`${pod.metadata?.namespace}.fault`] ?? "none";
}

/** Whether annotations say that something is missing, which is worth a second look. */
export function declaresMissing(annotations: Record<string, string | null>): boolean {
  return Object.entries(annotations).some(([key, value]) => key.startsWith(prefix) && value !== null);
}

function missing(pod: V1Pod, existing: Existing, fault: string): Record<string, string> {
  const found: Record<string, string> = {};
  const namespace = pod.metadata?.namespace ?? "";
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  for (const container of containers) {
    const message = missingEnvironment(container, namespace, existing, fault);
    if (message !== undefined) found[prefix + container.name] = message;
  }
  for (const { name, secret, configMap } of pod.spec?.volumes ?? []) {
    const lacks = (kind: string, object: string | undefined): string =>
      `MountVolume.SetUp failed for volume "${name}" : ${kind} "${object}" not found`;
    if (secret && !secret.optional && !existing.secrets.get(`${namespace}/${secret.secretName ?? ""}`)) {
      found[`${prefix}volume`] = lacks("secret", secret.secretName);
    }
    if (configMap && !configMap.optional && !existing.configMaps.get(`${namespace}/${configMap.name ?? ""}`)) {
      found[`${prefix}volume`] = lacks("configmap", configMap.name);
    }
  }
  const name = pod.spec?.runtimeClassName;
  const handler = name ? (existing.runtimeClasses.get(`/${name}`)?.handler ?? "") : "";
  if (fault === "runtime-handler" || !handlers.includes(handler)) found[`${prefix}handler`] = handler || "nvidia";
  return found;
}

/** What a kubelet says of the first reference in a container's environment that leads nowhere. */
function missingEnvironment(
  container: V1Container,
  namespace: string,
  existing: Existing,
  fault: string,
): string | undefined {
  for (const { valueFrom } of container.env ?? []) {
    const secret = valueFrom?.secretKeyRef;
    if (secret && fault === "missing-secret") return `secret "${secret.name}" not found`;
    const map = valueFrom?.configMapKeyRef;
    const reference = secret ?? map;
    if (!reference || reference.optional) continue;
    const object = secret
      ? existing.secrets.get(`${namespace}/${secret.name ?? ""}`)
      : existing.configMaps.get(`${namespace}/${map?.name ?? ""}`);
    const [kind, plain] = secret ? ["Secret", "secret"] : ["ConfigMap", "configmap"];
    if (object === undefined) return `${plain} "${reference.name}" not found`;
    if (object.data?.[reference.key] === undefined)
      return `couldn't find key ${reference.key} in ${kind} ${namespace}/${reference.name}`;
  }
  for (const { secretRef, configMapRef } of container.envFrom ?? []) {
    if (secretRef && !secretRef.optional && !existing.secrets.get(`${namespace}/${secretRef.name ?? ""}`))
      return `secret "${secretRef.name}" not found`;
    if (configMapRef && !configMapRef.optional && !existing.configMaps.get(`${namespace}/${configMapRef.name ?? ""}`)) {
      return `configmap "${configMapRef.name}" not found`;
    }
  }
  return undefined;
}

/** A fault that exists, or a sentence that says which do. */
export function checkFault(name: string): string | undefined {
  if (name in faults) return undefined;
  return `'fault' (${name}) must be one of ${Object.keys(faults).join(", ")}`;
}
