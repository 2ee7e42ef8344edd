import { ApiError } from "../../../components/cluster/apiError";
import { isMap, type Json, type JsonMap } from "../shared/wire";
import type { Client } from "./client";
import { apiVersionOf, at, kindOf, nameOf, namespaceOf, text } from "./object";

/** What is still missing before an object counts as ready, in the official provider's words. */
export interface Missing {
  info?: string;
  warning?: string;
  /** What the state records of it when time is up; without one, all that the error says. */
  reasons?: readonly string[];
  /** The official provider calls it ready all the same when time is up. */
  readyInTime?: true;
}

/** Undefined when the object is ready. Throws when it never will be. */
export type Condition = (live: JsonMap, client: Client) => Missing | undefined | Promise<Missing | undefined>;

/** The waits of the official provider, by kind. Kinds without an entry are ready as soon as they exist. */
const byKind: Record<string, Condition> = {
  "apps/v1/Deployment": deployment,
  "v1/PersistentVolumeClaim": claim,
  "v1/Service": service,
  "v1/Pod": pod,
  "batch/v1/Job": job,
  "apiextensions.k8s.io/v1/CustomResourceDefinition": (live) =>
    conditionStatus(live, "Established") === "True"
      ? undefined
      : { info: "waiting for the definition to be established" },
};

export function builtInConditions(live: JsonMap): Condition[] {
  const condition = byKind[`${apiVersionOf(live)}/${kindOf(live)}`];
  return condition === undefined ? [] : [condition];
}

function deployment(live: JsonMap): Missing | undefined {
  const count = (name: string): number => number(at(live, "status", name));
  const replicas = number(at(live, "spec", "replicas") ?? 1);
  const current = count("observedGeneration") >= number(at(live, "metadata", "generation"));
  const rolledOut = count("updatedReplicas") >= replicas && count("replicas") <= replicas;
  const available = conditionOf(live, "Available");
  if (current && rolledOut && count("availableReplicas") >= replicas && available?.["status"] === "True")
    return undefined;
  const unmet = [conditionOf(live, "Progressing"), available].flatMap((condition) =>
    condition?.["status"] === "False" ? `[${text(condition, "reason")}] ${text(condition, "message")}` : [],
  );
  return {
    info: `Waiting for app ReplicaSet to be available (${count("readyReplicas")}/${replicas} Pods available)`,
    ...(unmet.length > 0 && { warning: unmet.join("\n") }),
    reasons: [
      ...unmet,
      available?.["status"] === "True"
        ? "Minimum number of Pods to consider the application live was not attained"
        : "Minimum number of live Pods was not attained",
    ],
  };
}

async function claim(live: JsonMap, client: Client): Promise<Missing | undefined> {
  if (at(live, "status", "phase") === "Bound") return undefined;
  const name = at(live, "spec", "storageClassName");
  if (typeof name !== "string" || name === "") return { info: "waiting for the claim to be Bound" };
  try {
    const storageClass = await client.get({
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name },
    });
    if (storageClass["volumeBindingMode"] === "WaitForFirstConsumer") return undefined;
  } catch (error) {
    // Who may not read the class waits until the claim is Bound, as with the official provider.
    if (!(error instanceof ApiError && error.forbidden)) throw error;
  }
  return { info: "waiting for the claim to be Bound" };
}

/**
 * Every endpoint ready, and at least one: the official provider then settles 10 s more, which is left out. Where there is none at all, it calls the
 * Service ready when time is up.
 */
async function service(live: JsonMap, client: Client): Promise<Missing | undefined> {
  const selector = at(live, "spec", "selector");
  if (at(live, "spec", "type") === "ExternalName" || !isMap(selector) || Object.keys(selector).length === 0)
    return undefined;
  const label = `kubernetes.io/service-name=${nameOf(live)}`;
  const slices = await client.list("discovery.k8s.io/v1", "endpointslices", namespaceOf(live), label);
  const endpoints = slices.flatMap((slice) =>
    Array.isArray(slice["endpoints"]) ? (slice["endpoints"] as JsonMap[]) : [],
  );
  const ready = endpoints.filter((endpoint) => at(endpoint, "conditions", "ready") !== false).length;
  if (endpoints.length > 0 && ready === endpoints.length) return undefined;
  const none =
    "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods";
  return {
    info: "[1/3] Finding Pods to direct traffic to",
    reasons: ready === 0 ? [none] : [],
    ...(endpoints.length === 0 && { readyInTime: true as const }),
  };
}

function pod(live: JsonMap): Missing | undefined {
  if (at(live, "status", "phase") === "Succeeded" || conditionStatus(live, "Ready") === "True") return undefined;
  return { info: "waiting for the Pod to be Ready" };
}

function job(live: JsonMap): Missing | undefined {
  if (conditionStatus(live, "Failed") === "True") throw new Error(`Job "${nameOf(live)}" has failed`);
  return conditionStatus(live, "Complete") === "True" ? undefined : { info: "waiting for the Job to complete" };
}

const conditionStatus = (live: JsonMap, type: string): Json | undefined => conditionOf(live, type)?.["status"];

/** A condition of the object's status, whose type is told as the annotation writes it. */
export function conditionOf(live: JsonMap, type: string): JsonMap | undefined {
  const conditions = at(live, "status", "conditions");
  const list = Array.isArray(conditions) ? (conditions as JsonMap[]) : [];
  return list.find((condition) => text(condition, "type").toLowerCase() === type.toLowerCase());
}

const number = (value: unknown): number => (typeof value === "number" ? value : 0);
