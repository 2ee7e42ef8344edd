import type * as pulumi from "@pulumi/pulumi";
import { sharedClient } from "../cluster/client";
import type { ClusterConnection } from "../cluster/connection";
import { connectionTrouble } from "../cluster/trouble";
import { decisiveHook } from "./ending";
import { objectPath } from "./ownership";

interface Made {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; uid: string };
}

/**
 * A provider that is not of `createProvider` does not say which cluster it reaches. What it has just made must be seen through
 * `connection` too, or ownership, drift and readiness are those of another cluster.
 */
export function sameClusterHook(hookName: string, connection: ClusterConnection): pulumi.ResourceHook {
  return decisiveHook(hookName, async ({ newOutputs }) => {
    const { apiVersion, kind, metadata } = newOutputs as unknown as Made;
    const client = await sharedClient(connection);
    const answer = await client.get(objectPath({ apiVersion, kind, ...metadata })).catch((error: unknown) => {
      throw connectionTrouble(error, connection);
    });
    const { uid } = (answer?.body as Made | undefined)?.metadata ?? {};
    if (uid === metadata.uid) return;
    const there = uid === undefined ? "is not there" : "is another object there";
    throw new Error(
      `'cluster' must be the cluster of the component's provider: ${kind} '${metadata.name}', which the provider has just made, ${there} ` +
        `(context '${connection.context}'${connection.kubeconfig === undefined ? "" : ` of ${connection.kubeconfig}`}). Name the context that the provider has.`,
    );
  });
}
