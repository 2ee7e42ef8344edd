import { readFileSync } from "node:fs";
import { request } from "node:https";
import { parse } from "yaml";

interface KubeconfigFile {
  clusters: [{ cluster: { server: string; "certificate-authority-data": string } }];
  users: [{ user: { "client-certificate-data": string; "client-key-data": string } }];
}

/**
 * One GET as the cluster's admin: status and body. Plain https, because loading a Kubernetes client would take longer than all that
 * a command on a running cluster does.
 */
export async function apiGet(
  kubeconfig: string,
  path: string,
  timeout = 2_000,
): Promise<{ status: number; body: string }> {
  const config = parse(readFileSync(kubeconfig, "utf8")) as KubeconfigFile;
  const { cluster } = config.clusters[0];
  const { user } = config.users[0];
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(path, cluster.server),
      {
        ca: Buffer.from(cluster["certificate-authority-data"], "base64"),
        cert: Buffer.from(user["client-certificate-data"], "base64"),
        key: Buffer.from(user["client-key-data"], "base64"),
        timeout,
        agent: false,
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (body += chunk));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, body });
        });
        response.on("error", reject);
      },
    );
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${timeout} ms`)));
    sent.on("error", reject);
    sent.end();
  });
}

/** Undefined when the API server is ready, else what it said. */
export async function whyNotReady(kubeconfig: string): Promise<string | undefined> {
  try {
    const { status, body } = await apiGet(kubeconfig, "/readyz");
    return status === 200 ? undefined : `/readyz answered ${status}: ${body.trim()}`;
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
  const { status, body } = await apiGet(kubeconfig, "/api/v1/namespaces/kube-system");
  if (status !== 200) throw new Error(`The namespace kube-system cannot be read: ${status} ${body}`);
  return (JSON.parse(body) as { metadata: { uid: string } }).metadata.uid;
}
