import type { KubeConfig } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterConnection } from "./connection";
import { lackingContext } from "./contexts";
import { useProxy } from "./proxy";

/** The client's configuration for the same cluster. The library is loaded when it is needed. */
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
