import { adminOf, send } from "../simulation/transport";

/** One GET as the cluster's admin: status and text. */
export function apiGet(kubeconfig: string, path: string): Promise<{ status: number; text: string }> {
  return send(adminOf(kubeconfig), path, { timeout: 2_000, anew: true });
}

/** Undefined when the API server is ready, else what it said. */
export async function whyNotReady(kubeconfig: string): Promise<string | undefined> {
  try {
    const { status, text } = await apiGet(kubeconfig, "/readyz");
    return status === 200 ? undefined : `/readyz answered ${status}: ${text.trim()}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Undefined when KWOK's controllers have started, which they do once the API server answers them; else what it said. */
export async function whyNotPlaying(port: number): Promise<string | undefined> {
  try {
    const { status } = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(2_000) });
    return status === 200 ? undefined : `kwok-controller answered ${status} to /healthz`;
  } catch (error) {
    return `kwok-controller does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The identity of the cluster's data: it changes when the cluster is created anew. */
export async function clusterUid(kubeconfig: string): Promise<string> {
  const { status, text } = await apiGet(kubeconfig, "/api/v1/namespaces/kube-system");
  if (status !== 200) throw new Error(`The namespace kube-system cannot be read: ${status} ${text}`);
  return (JSON.parse(text) as { metadata: { uid: string } }).metadata.uid;
}
