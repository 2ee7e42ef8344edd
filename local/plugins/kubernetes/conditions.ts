import { isMap, type Json, type JsonMap } from "../shared/wire";
import { ApiError, type Client } from "./client";
import { apiVersionOf, at, kindOf, nameOf, namespaceOf } from "./object";

/** Says what is still missing before an object counts as ready; nothing when it is. Throws when it never will be. */
export type Condition = (live: JsonMap, client: Client) => string | undefined | Promise<string | undefined>;

/** The waits of the official provider, by kind. Kinds without an entry are ready as soon as they exist. */
const byKind: Record<string, Condition> = {
  "apps/v1/Deployment": deployment,
  "v1/PersistentVolumeClaim": claim,
  "v1/Service": service,
  "v1/Pod": pod,
  "batch/v1/Job": job,
  "apiextensions.k8s.io/v1/CustomResourceDefinition": (live) =>
    conditionStatus(live, "Established") === "True" ? undefined : "waiting for the definition to be established",
};

export function builtInConditions(live: JsonMap): Condition[] {
  const condition = byKind[`${apiVersionOf(live)}/${kindOf(live)}`];
  return condition === undefined ? [] : [condition];
}

function deployment(live: JsonMap): string | undefined {
  const count = (name: string): number => number(at(live, "status", name));
  const replicas = number(at(live, "spec", "replicas") ?? 1);
  if (count("observedGeneration") < number(at(live, "metadata", "generation")))
    return "waiting for the rollout to start";
  if (count("updatedReplicas") < replicas || count("replicas") > replicas || count("availableReplicas") < replicas) {
    return `waiting for the rollout: ${count("availableReplicas")} of ${replicas} replicas available`;
  }
  return conditionStatus(live, "Available") === "True" ? undefined : "waiting for the Deployment to be Available";
}

async function claim(live: JsonMap, client: Client): Promise<string | undefined> {
  if (at(live, "status", "phase") === "Bound") return undefined;
  const name = at(live, "spec", "storageClassName");
  if (typeof name !== "string" || name === "") return "waiting for the claim to be Bound";
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
  return "waiting for the claim to be Bound";
}

/** Every endpoint ready, and at least one: the official provider then settles 10 s more, which is left out. */
async function service(live: JsonMap, client: Client): Promise<string | undefined> {
  const selector = at(live, "spec", "selector");
  if (at(live, "spec", "type") === "ExternalName" || !isMap(selector) || Object.keys(selector).length === 0)
    return undefined;
  const label = `kubernetes.io/service-name=${nameOf(live)}`;
  const slices = await client.list("discovery.k8s.io/v1", "endpointslices", namespaceOf(live), label);
  const endpoints = slices.flatMap((slice) =>
    Array.isArray(slice["endpoints"]) ? (slice["endpoints"] as JsonMap[]) : [],
  );
  if (endpoints.length === 0) return "waiting for endpoints";
  const ready = endpoints.filter((endpoint) => at(endpoint, "conditions", "ready") !== false).length;
  return ready === endpoints.length ? undefined : `waiting for endpoints: ${ready} of ${endpoints.length} ready`;
}

function pod(live: JsonMap): string | undefined {
  if (at(live, "status", "phase") === "Succeeded" || conditionStatus(live, "Ready") === "True") return undefined;
  return "waiting for the Pod to be Ready";
}

function job(live: JsonMap): string | undefined {
  if (conditionStatus(live, "Failed") === "True") throw new Error(`Job "${nameOf(live)}" has failed`);
  return conditionStatus(live, "Complete") === "True" ? undefined : "waiting for the Job to complete";
}

function conditionStatus(live: JsonMap, type: string): Json | undefined {
  const conditions = at(live, "status", "conditions");
  const list = Array.isArray(conditions) ? (conditions as JsonMap[]) : [];
  return list.find((condition) => condition["type"] === type)?.["status"];
}

const number = (value: unknown): number => (typeof value === "number" ? value : 0);
