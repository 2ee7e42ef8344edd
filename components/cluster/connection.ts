import path from "node:path";

/** Which cluster, and how to reach it. The rest (login, proxy, CA) stands in the kubeconfig, and the proxy else in the environment. */
export interface ClusterConnection {
  /** Absolute path of the kubeconfig; unset means the client's own default ($KUBECONFIG, else ~/.kube/config). */
  kubeconfig?: string;
  /** Context in the kubeconfig. Always named, so that whatever cluster is current is never used by accident. */
  context: string;
}

/** The connection that the stack's configuration names; a relative path counts from the project's folder. */
export function clusterConnection(
  context: string,
  kubeconfig: string | undefined,
  projectRoot: string,
): ClusterConnection {
  return { context, ...(kubeconfig !== undefined && { kubeconfig: path.resolve(projectRoot, kubeconfig) }) };
}
