import { request as overHttp } from "node:http";
import { request as overHttps, type RequestOptions } from "node:https";
import type * as Kubernetes from "@kubernetes/client-node";

/** What of an answer is looked at. */
export interface Answered {
  status: number;
  text: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Sends a request to whatever port the server listens on. The library's fetch refuses those on which browsers refuse to speak, with `bad port`;
 * the official provider, a Go program, knows no such list. https://fetch.spec.whatwg.org/#port-blocking
 * A lost connection is a TypeError with its cause, as fetch throws it, and a time-out a DOMException.
 */
export async function sendRequest(request: Kubernetes.RequestContext): Promise<Answered> {
  const dispatcher = request.getDispatcher();
  const url = new URL(request.getUrl());
  const body = request.getBody() as string | undefined;
  const signal = request.getSignal();
  const method = request.getHttpMethod();
  const headers = request.getHeaders();
  try {
    // The library makes no connection of its own where the kubeconfig has neither a CA nor a certificate nor a proxy.
    if (!dispatcher) return await sendPlainly(url, { method, headers, ...(signal && { signal }) }, body);
    const answer = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers,
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new TypeError("the request failed", { cause: error });
  }
}

function sendPlainly(url: URL, options: RequestOptions, body: string | undefined): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === "https:" ? overHttps : overHttp)(url, options, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      answer.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
