import type { ClusterConnection } from "./connection";
import * as k8s from "@pulumi/kubernetes/provider";
import type { KubeConfig } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { lackingContext } from "./contexts";
import { useProxy } from "./proxy";

/** A Kubernetes provider that knows its connection, so that the readiness gate reads the very cluster that is deployed to. */
export class ClusterProvider extends k8s.Provider {
  readonly connection: ClusterConnection;

  constructor(name: string, connection: ClusterConnection, opts?: pulumi.ResourceOptions) {
    super(
      name,
      {
        ...(connection.kubeconfig !== undefined && { kubeconfig: connection.kubeconfig }),
        context: connection.context,
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

/** The client's configuration for the same cluster. The library is loaded when it is needed: previews never do. */
export async function loadKubeConfig(connection: ClusterConnection): Promise<KubeConfig> {
  const client = await import("@kubernetes/client-node");
  const config = new client.KubeConfig();
  if (connection.kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(connection.kubeconfig);
  if (config.getContextObject(connection.context) === null) {
    const where = connection.kubeconfig ?? "the default kubeconfig";
    // Where there is no kubeconfig at all, the library makes up a context of this name.
    const known = config.getContexts().flatMap(({ name }) => (name === "loaded-context" ? [] : [name]));
    throw new pulumi.RunError(lackingContext(connection.context, where, known).reason);
  }
  config.setCurrentContext(connection.context);
  // The provider looks there, as it does for $KUBECONFIG: how this machine reaches a cluster is no setting of the stack's.
  // eslint-disable-next-line no-restricted-properties
  useProxy(config, process.env);
  return config;
}
