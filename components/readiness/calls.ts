import { ApiError } from "../cluster/apiError";
import type { ClusterClient } from "../cluster/client";

/** A client that remembers which errors its own calls threw: the program's own code throws TypeErrors of the same kind. */
export interface MarkedClient {
  client: ClusterClient;
  /** Whether a call threw this error, and another attempt may succeed. */
  transient: (error: unknown) => boolean;
}

/** Marks what the calls of a client throw. */
export function marked(client: ClusterClient): MarkedClient {
  const thrown = new WeakSet<Error>();
  const mark = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      if (error instanceof Error) thrown.add(error);
      throw error;
    }
  };
  return {
    client: {
      get: (path, query) => mark(client.get(path, query)),
      text: (path, query) => mark(client.text(path, query)),
      send: (method, path, body) => mark(client.send(method, path, body)),
    },
    transient: (error) => error instanceof Error && thrown.has(error) && isTransient(error),
  };
}

function isTransient(error: Error): boolean {
  if (error instanceof ApiError)
    return error.status === 401 || error.status === 410 || error.status === 429 || error.status >= 500;
  // fetch reports a lost connection as TypeError, a time-out as DOMException; a proxy's page is no JSON; undici's errors carry a code.
  return error instanceof TypeError || error instanceof SyntaxError || error instanceof DOMException || "code" in error;
}
