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
 * Where the kubeconfig has neither a CA nor a certificate, the library leaves the connection to fetch, with that list.
 * A lost connection is a TypeError with its cause, as fetch throws it, and a time-out a DOMException.
 */
export async function sendRequest(request: Kubernetes.RequestContext, library: typeof Kubernetes): Promise<Answered> {
  const dispatcher = request.getDispatcher();
  if (!dispatcher) {
    const response = await new library.IsomorphicFetchHttpLibrary().send(request).toPromise();
    return { status: response.httpStatusCode, headers: response.headers, text: await response.body.text() };
  }
  const { origin, pathname, search } = new URL(request.getUrl());
  const body = request.getBody() as string | undefined;
  const signal = request.getSignal();
  try {
    const answer = await dispatcher.request({
      origin,
      path: pathname + search,
      method: request.getHttpMethod(),
      headers: request.getHeaders(),
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new TypeError("the request failed", { cause: error });
  }
}
