import path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { type Problem, problem } from "../text/errors";
import type { ClusterConnection } from "./connection";
import { ClusterProvider } from "./provider";

/** What makes a component's objects, and how its hooks reach the very same cluster. */
export interface Placement {
  provider: pulumi.ProviderResource;
  connection: ClusterConnection;
}

/** What a program names: a provider of `createProvider`, or the connection of another one. */
export type Cluster = ClusterProvider | ClusterConnection;

const isProvider = (cluster: unknown): cluster is ClusterProvider => cluster instanceof ClusterProvider;
const plainKeys = ["context", "kubeconfig"];

/** Every mistake in `cluster`, given the provider that the component has from its options or its parent. */
export function clusterProblems(cluster: unknown, given: pulumi.ProviderResource | undefined): Problem[] {
  const found = (rule: string, remedy: string): Problem[] => [problem("cluster", undefined, rule, remedy)];
  const set = "set it to `createProvider(…)`, or to { context, kubeconfig } of the provider in the options";
  if (cluster === undefined) {
    return isProvider(given) ? [] : found("be set, because what waits for the model reads the cluster too", set);
  }
  if (isProvider(cluster)) {
    if (given === undefined || given === cluster || (isProvider(given) && isSame(given.connection, cluster.connection)))
      return [];
    return found("be the provider of the options", "name the provider in one of the two, or the same in both");
  }
  if (typeof cluster !== "object" || cluster === null || !("context" in cluster)) {
    return found("be a provider of `createProvider`, or a map with a context", set);
  }
  const { context, kubeconfig } = cluster as { context: unknown; kubeconfig?: unknown };
  const unknown = Object.keys(cluster).filter((key) => !plainKeys.includes(key));
  if (typeof context !== "string" || context === "") {
    return found("have a context that is a text", "name a context of the kubeconfig (`oc config get-contexts`)");
  }
  if (kubeconfig !== undefined && typeof kubeconfig !== "string") {
    return found("have a kubeconfig that is the path of a file", "write the kubeconfig to a file, and name that");
  }
  if (kubeconfig !== undefined && !path.isAbsolute(kubeconfig)) {
    const rule =
      "have a kubeconfig whose path is absolute, because what opens it may run in another folder than the program";
    return found(rule, "give the whole path, or leave it out for kubectl's default");
  }
  if (unknown.length > 0) return found(`have no ${unknown.join(", ")}`, `set ${plainKeys.join(" and ")} alone`);
  if (isProvider(given) && !isSame(given.connection, cluster as ClusterConnection)) {
    const rule = `be what the provider of the options reaches (context '${given.connection.context}')`;
    return found(rule, "leave it out: that provider says it itself");
  }
  return [];
}

/** Where a component whose `cluster` has no mistake makes its objects; without a provider it makes one of its own. */
export function placement(
  name: string,
  cluster: Cluster | undefined,
  given: pulumi.ProviderResource | undefined,
  parent: pulumi.Resource,
): Placement {
  if (isProvider(cluster)) return { provider: cluster, connection: cluster.connection };
  if (isProvider(given)) return { provider: given, connection: given.connection };
  const connection = cluster!;
  return { provider: given ?? new ClusterProvider(`${name}-cluster`, connection, { parent }), connection };
}

function isSame(one: ClusterConnection, other: ClusterConnection): boolean {
  return one.context === other.context && one.kubeconfig === other.kubeconfig;
}
