/**
 * Requests to the embedded cluster as its admin, with the kubeconfig that its start has written. Plain https and no Kubernetes client: that
 * takes 0.8 s to load, which is longer than all that a command on a running cluster does, and knows logins and proxies that are not needed here.
 */
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { parse } from "yaml";

/** The API server, and the admin's certificate. */
export interface Admin {
  readonly server: string;
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

interface KubeconfigFile {
  clusters: [{ cluster: { server: string; "certificate-authority-data": string } }];
  users: [{ user: { "client-certificate-data": string; "client-key-data": string } }];
}

export function adminOf(kubeconfig: string): Admin {
  const config = parse(readFileSync(kubeconfig, "utf8")) as KubeconfigFile;
  const { cluster } = config.clusters[0];
  const { user } = config.users[0];
  return {
    server: cluster.server,
    ca: Buffer.from(cluster["certificate-authority-data"], "base64"),
    cert: Buffer.from(user["client-certificate-data"], "base64"),
    key: Buffer.from(user["client-key-data"], "base64"),
  };
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds without a sign of the server, after which it counts as silent; without it, there is no limit. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Uses no connection that is open already: the server may have been restarted behind it. */
  readonly anew?: true;
  /** Gets the text of a success as it comes, instead of the answer. */
  readonly onText?: (text: string) => void;
}

export function send(admin: Admin, path: string, sent: Sent = {}): Promise<{ status: number; text: string }> {
  const { server, ...login } = admin;
  const { method = "GET", headers = {}, body, timeout, signal, anew, onText } = sent;
  const options = { ...login, method, headers, ...(signal && { signal }), ...(anew && { agent: false as const }) };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(server + path),
      { ...options, ...(timeout !== undefined && { timeout }) },
      (answer) => {
        const { statusCode: status = 0 } = answer;
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (part: string) => {
          if (onText && status === 200) onText(part);
          else text += part;
        });
        answer.on("end", () => resolve({ status, text }));
        answer.on("error", reject);
      },
    );
    // An agent that keeps connections has a limit of its own, which is about connections that nobody uses.
    if (timeout !== undefined)
      outgoing.on("timeout", () => outgoing.destroy(new Error(`${method} ${path}: no answer within ${timeout} ms`)));
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
