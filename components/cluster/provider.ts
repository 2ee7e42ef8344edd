import type { ClusterConnection } from "./connection";
import * as k8s from "@pulumi/kubernetes/provider";
import type * as pulumi from "@pulumi/pulumi";
import { whenAnswering } from "./answers";

/** A Kubernetes provider that knows its connection, so that the readiness gate reads the very cluster that is deployed to. */
export class ClusterProvider extends k8s.Provider {
  readonly connection: ClusterConnection;

  constructor(name: string, connection: ClusterConnection, opts?: pulumi.ResourceOptions) {
    super(
      name,
      {
        ...(connection.kubeconfig !== undefined && { kubeconfig: connection.kubeconfig }),
        // Everything waits for it: on a cluster that does not answer nothing is begun.
        context: whenAnswering(connection.context, connection),
        // Without it, a kubeconfig that has moved would replace the provider and every object it made.
        clusterIdentifier: connection.context,
        // Without them, a new token or script replaces its Secret or ConfigMap, and all that refers to it goes along.
        enableSecretMutable: true,
        enableConfigMapMutable: true,
        // What a killed `up` has made is not in the state; the ownership hooks tell it from somebody else's.
        upsertExistingObjects: true,
      },
      opts,
    );
    this.connection = connection;
  }
}

export function createProvider(
  name: string,
  connection: ClusterConnection,
  opts?: pulumi.ResourceOptions,
): ClusterProvider {
  return new ClusterProvider(name, connection, opts);
}
