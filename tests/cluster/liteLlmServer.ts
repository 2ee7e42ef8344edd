/**
 * A server with the rules of LiteLLM's admin API and a database of its own: no duplicate check on names, ids are unique, a PATCH merges and
 * removes nothing, keys are never shown, and much is said that nobody asked for. The chain's ring holds it to what LiteLLM 1.108.7 does.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface StoredEntry {
  model_name: string;
  litellm_params: Record<string, unknown>;
  model_info: Record<string, unknown> & { id: string };
  /** Paused by an administrator: no request reaches it. */
  blocked?: boolean;
}

export class LiteLlmServer {
  url = "";
  version = "1.108.7";
  /** Older versions told it in the readiness probe. */
  versionIn: "openapi" | "readiness" = "openapi";
  /** `litellm_settings.drop_params`; undefined is a version that does not tell. */
  dropParams: boolean | undefined = false;
  readonly entries = new Map<string, StoredEntry>();
  /** `POST /model/new` and so on, in the order in which they came. */
  writes: string[] = [];
  /** Requests that carried a key, any key. */
  keysSeen = 0;
  /**
   * What happens to the next writes, one each: nothing of the kind, refused for lack of a database or for good, done without an answer,
   * refused with the model's key at the end of a long text, a web page.
   */
  trouble: ("none" | "refuse" | "forbid" | "hang-up" | "echo" | "page")[] = [];
  /** Answers as a worker that has not read the database yet: with an empty list. */
  stale = false;
  /** Takes every model for unhealthy, and lists none of those. */
  hiding = false;
  private readonly server = createServer((request, response) => void this.handle(request, response));

  constructor(readonly adminKey: string) {}

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** An entry that somebody else has made. */
  add(entry: StoredEntry): void {
    this.entries.set(entry.model_info.id, entry);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const send = (status: number, body: object): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    const { method = "", url = "" } = request;
    if (url === "/health/readiness") {
      const told = this.versionIn === "readiness" ? { litellm_version: this.version } : {};
      return send(200, { status: "healthy", db: "connected", ...told });
    }
    if (url === "/openapi.json") return send(200, { openapi: "3.1.0", info: { version: this.version } });
    if (request.headers.authorization !== undefined) this.keysSeen += 1;
    if (request.headers.authorization !== `Bearer ${this.adminKey}`) {
      return send(401, { error: { message: "Authentication Error, Invalid proxy server token passed", code: "401" } });
    }
    const asked = new URL(url, "http://x");
    if (method === "GET" && asked.pathname === "/v1/model/info") {
      if (this.entries.size === 0) {
        return send(500, {
          detail: { error: "LLM Model List not loaded in. Make sure you passed models in your config.yaml" },
        });
      }
      const known = this.stale ? [] : [...this.entries.values()];
      const id = asked.searchParams.get("litellm_model_id");
      const found = known.filter(({ model_info }) => (id === null ? !this.hiding : model_info.id === id));
      if (id !== null && found.length === 0)
        return send(400, { detail: { error: `Model id = ${id} not found on litellm proxy` } });
      return send(200, { data: found.map(shown) });
    }
    if (method === "GET" && url === "/debug/report") {
      if (this.dropParams === undefined) return send(404, { detail: "Not Found" });
      const lines = this.dropParams ? ["litellm_settings.drop_params = true"] : [];
      return send(200, { surface: "proxy", litellm_version: this.version, config_lines: lines });
    }
    this.writes.push(`${method} ${url}`);
    const trouble = this.trouble.shift();
    if (trouble === "refuse") return send(500, { error: { message: "no connection to the database", code: "500" } });
    if (trouble === "forbid") return send(422, { error: { message: "a field is missing", code: "422" } });
    if (trouble === "page") return void response.writeHead(200).end("<html>");
    if (trouble === "echo") {
      const { api_key: key } = (JSON.parse(Buffer.concat(chunks).toString()) as StoredEntry).litellm_params;
      return send(500, { error: `${"x".repeat(280)} ${String(key)}` });
    }
    const answer = this.write(
      method,
      url,
      JSON.parse(Buffer.concat(chunks).toString()) as StoredEntry & { id?: string },
    );
    if (trouble === "hang-up") request.socket.destroy();
    else send(...answer);
  }

  private write(method: string, url: string, body: StoredEntry & { id?: string }): [number, object] {
    const failed = (status: number, message: string): [number, object] => [
      status,
      { error: { message, code: String(status) } },
    ];
    if (method === "POST" && url === "/model/new") {
      const { id } = body.model_info;
      if (this.entries.has(id))
        return failed(500, "Failed to add model to db. Check your server logs for more details.");
      this.entries.set(id, body);
      return [200, shown(body)];
    }
    if (method === "POST" && url === "/model/delete") {
      if (!this.entries.delete(body.id ?? "")) return failed(400, `Model with id=${body.id} not found in db`);
      return [200, { message: `Model: ${body.id} deleted successfully` }];
    }
    const [, id = ""] = /^\/model\/([^/]+)\/update$/.exec(url) ?? [];
    const current = this.entries.get(id);
    if (method !== "PATCH" || !current) return failed(404, "Not Found");
    const after = merged(current, body);
    this.entries.set(id, after);
    return [200, shown(after)];
  }
}

/** What a PATCH makes of an entry: null counts as not said. */
export function merged(current: StoredEntry, patch: Partial<StoredEntry>): StoredEntry {
  const said = (values: object = {}): object =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
  const blocked = patch.blocked ?? current.blocked;
  return {
    model_name: patch.model_name ?? current.model_name,
    litellm_params: { ...current.litellm_params, ...said(patch.litellm_params) },
    model_info: { ...current.model_info, ...said(patch.model_info) },
    ...(blocked !== undefined && { blocked }),
  };
}

/** Settings that LiteLLM shows though nobody has made them. */
const defaults = {
  allow_client_keepalive_override: false,
  use_in_pass_through: false,
  use_litellm_proxy: false,
  use_xai_oauth: false,
  merge_reasoning_content_in_choices: false,
};

/** What is told of an entry. */
export function shown({ model_name, litellm_params, model_info, blocked = false }: StoredEntry): StoredEntry {
  const params = Object.fromEntries(Object.entries(litellm_params).filter(([key]) => key !== "api_key"));
  return {
    model_name,
    litellm_params: { ...defaults, ...params },
    model_info: { key: params["model"], max_tokens: null, ...model_info, db_model: true, blocked },
  };
}
