import type { KubeConfig, RequestContext } from "@kubernetes/client-node";
import { ApiError } from "./apiError";
import type { ClusterConnection } from "./connection";
import { loadKubeConfig } from "./kubeconfig";
import { sendRequest } from "./send";
import { redact } from "../text/redact";

/** Reads from one cluster, with the provider's own settings: context, login, proxy and CA of the kubeconfig. */
export interface ClusterReader {
  /** A JSON object, or undefined where there is none (404). */
  get(path: string, query?: Record<string, string>): Promise<Answer | undefined>;
  /** Plain text: a log. */
  text(path: string, query?: Record<string, string>): Promise<string>;
}

/** Also writes; only what operators ask for does. */
export interface ClusterClient extends ClusterReader {
  /** Sends a body and gives the answer's object. A patch is a merge patch. */
  send(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: object): Promise<unknown>;
}

export interface Answer {
  body: unknown;
  /** The cluster's clock, as the answer's Date header says, in ms. */
  date?: number;
}

const clients = new Map<string, Promise<ClusterClient>>();

/** One client per connection, shared by every hook of the program. */
export function sharedClient(connection: ClusterConnection): Promise<ClusterClient> {
  const key = JSON.stringify(connection);
  let client = clients.get(key);
  if (!client) {
    client = clusterClient(connection);
    clients.set(key, client);
    // A kubeconfig that could not be read may be readable the next time.
    client.catch(() => clients.delete(key));
  }
  return client;
}

/** How long an answer may take before the connection counts as lost. */
const requestTimeoutMs = 10_000;
/** A connection is used this long, so that a rotated client certificate is taken up. */
const connectionLifeMs = 300_000;

type Connection = ReturnType<RequestContext["getDispatcher"]>;

interface RawAnswer {
  url: string;
  status: number;
  text: string;
  date?: number;
}

/** A client of its own for one connection. */
export async function clusterClient(connection: ClusterConnection): Promise<ClusterClient> {
  const send = await createSender(await loadKubeConfig(connection));
  return {
    async get(path, query = {}) {
      const answer = await send(path, query, "application/json");
      if (answer.status === 404) return undefined;
      if (answer.status >= 300) throw new ApiError(answer.status, statusMessage(answer.text));
      return { body: parsed(answer), ...(answer.date !== undefined && { date: answer.date }) };
    },
    async text(path, query = {}) {
      const answer = await send(path, query, "*/*");
      if (answer.status >= 300) throw new ApiError(answer.status, statusMessage(answer.text));
      return answer.text;
    },
    async send(method, path, body) {
      const answer = await send(path, {}, "application/json", { method, ...(body && { body }) });
      if (answer.status >= 300) throw new ApiError(answer.status, statusMessage(answer.text));
      return parsed(answer);
    },
  };
}

interface Write {
  method: "POST" | "PUT" | "PATCH" | "DELETE";
  body?: object;
}

async function createSender(kubeConfig: KubeConfig) {
  const client = await import("@kubernetes/client-node");
  const server = kubeConfig.getCurrentCluster()?.server ?? "";
  let kept: Connection;
  let keptUntil = 0;
  return async (path: string, query: Record<string, string>, accept: string, write?: Write): Promise<RawAnswer> => {
    const method = client.HttpMethod[write?.method ?? "GET"];
    const request = new client.RequestContext(`${server.replace(/\/$/, "")}${path}`, method);
    for (const [key, value] of Object.entries(query)) request.setQueryParam(key, value);
    request.setHeaderParam("Accept", accept);
    if (write?.body) {
      request.setHeaderParam("Content-Type", method === "PATCH" ? "application/merge-patch+json" : "application/json");
      request.setBody(JSON.stringify(write.body));
    }
    request.setSignal(AbortSignal.timeout(requestTimeoutMs));
    await kubeConfig.applySecurityAuthentication(request);
    // The library makes a new connection pool for each request; one serves all of them.
    if (kept === undefined || Date.now() > keptUntil) {
      kept = request.getDispatcher();
      keptUntil = Date.now() + connectionLifeMs;
    } else {
      request.setDispatcher(kept);
    }
    const { status, text, headers } = await sendRequest(request);
    const date = Date.parse(String(headers["date"] ?? ""));
    return { url: request.getUrl(), status, text, ...(Number.isNaN(date) ? {} : { date }) };
  };
}

/** A SyntaxError, as JSON's own, so that who waits goes on waiting; a sentence, so that who reads it knows who has answered. */
function parsed({ url, status, text }: RawAnswer): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const said = text.trim() === "" ? "nothing" : `"${redact(text.trim().slice(0, 80)).replaceAll(/\s+/g, " ")}"`;
    throw new SyntaxError(
      `${url} answered ${status} with ${said} and no JSON: that is no API of Kubernetes, but a proxy or a login page before it`,
    );
  }
}

/** The message of a Kubernetes Status, or the text itself. */
function statusMessage(text: string): string {
  try {
    const status = JSON.parse(text) as { message?: unknown };
    if (typeof status.message === "string") return status.message;
  } catch {
    // A proxy's answer is no JSON.
  }
  return text.slice(0, 300);
}
