import type * as Kubernetes from "@kubernetes/client-node";
import { ApiError } from "../../../components/cluster/apiError";
import { sendRequest } from "../../../components/cluster/send";
import type { Json, JsonMap } from "../shared/wire";
import { apiVersionOf, kindOf, nameOf, namespaceOf, text } from "./object";

/** The API server knows no such kind: most likely a CRD that is not installed. */
export class NoMatchError extends Error {}

interface ApiResource {
  plural: string;
  namespaced: boolean;
}

export interface WriteOptions {
  fieldManager: string;
  force?: boolean;
  dryRun: boolean;
}

const probeMilliseconds = 10_000;
// Longer than the API server lets a request take: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/ --request-timeout
const requestMilliseconds = 70_000;

/**
 * Talks to one cluster. Objects go in and out as plain JSON, as the server sent them. A request under way is not cancelled: a
 * write that nobody hears the end of would leave an object that is not in the state.
 */
export class Client {
  private readonly resources = new Map<string, ApiResource>();

  constructor(
    private readonly config: Kubernetes.KubeConfig,
    private readonly library: typeof Kubernetes,
  ) {}

  /** Throws when the server does not answer, or does not know who asks. Any other refusal is an answer. */
  async probe(): Promise<void> {
    try {
      await this.request("GET", "/version", {}, undefined, probeMilliseconds);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === 401) throw error;
    }
  }

  async get(object: JsonMap): Promise<JsonMap> {
    return this.request("GET", await this.path(object));
  }

  async create(object: JsonMap, { fieldManager, dryRun }: WriteOptions): Promise<JsonMap> {
    const query = { fieldManager, fieldValidation: "Strict", ...dry(dryRun) };
    const body = { type: "application/json", content: object };
    return this.request("POST", await this.collection(object), query, body);
  }

  async apply(object: JsonMap, { fieldManager, force, dryRun }: WriteOptions): Promise<JsonMap> {
    const query = { fieldManager, force: String(force === true), ...dry(dryRun) };
    const body = { type: "application/apply-patch+yaml", content: object };
    return this.request("PATCH", await this.path(object), query, body);
  }

  async replace(object: JsonMap, { fieldManager, dryRun }: WriteOptions): Promise<JsonMap> {
    const body = { type: "application/json", content: object };
    return this.request("PUT", await this.path(object), { fieldManager, ...dry(dryRun) }, body);
  }

  async jsonPatch(object: JsonMap, operations: Json[]): Promise<JsonMap> {
    const body = { type: "application/json-patch+json", content: operations };
    return this.request("PATCH", await this.path(object), {}, body);
  }

  async delete(object: JsonMap, propagationPolicy: string): Promise<JsonMap> {
    const body = { type: "application/json", content: { propagationPolicy } };
    return this.request("DELETE", await this.path(object), {}, body);
  }

  async list(apiVersion: string, plural: string, namespace: string, labelSelector: string): Promise<JsonMap[]> {
    const list = await this.request("GET", `${root(apiVersion)}/namespaces/${namespace}/${plural}`, { labelSelector });
    return Array.isArray(list["items"]) ? (list["items"] as JsonMap[]) : [];
  }

  async exists(object: JsonMap): Promise<boolean> {
    try {
      await this.resource(object);
      return true;
    } catch (error) {
      if (error instanceof NoMatchError) return false;
      throw error;
    }
  }

  async resource(object: { [key: string]: Json }): Promise<ApiResource> {
    const apiVersion = apiVersionOf(object);
    const kind = kindOf(object);
    const known = this.resources.get(`${apiVersion}/${kind}`);
    if (known !== undefined) return known;
    let list: JsonMap;
    try {
      list = await this.request("GET", root(apiVersion));
    } catch (error) {
      if (error instanceof ApiError && error.notFound) throw noMatch(apiVersion, kind);
      throw error;
    }
    for (const entry of list["resources"] as JsonMap[]) {
      const plural = text(entry, "name");
      if (plural.includes("/")) continue;
      this.resources.set(`${apiVersion}/${kindOf(entry)}`, {
        plural,
        namespaced: entry["namespaced"] === true,
      });
    }
    const found = this.resources.get(`${apiVersion}/${kind}`);
    if (found === undefined) throw noMatch(apiVersion, kind);
    return found;
  }

  private async path(object: JsonMap): Promise<string> {
    return `${await this.collection(object)}/${encodeURIComponent(nameOf(object))}`;
  }

  private async collection(object: JsonMap): Promise<string> {
    const { plural, namespaced } = await this.resource(object);
    const namespace = namespaceOf(object) === "" ? "default" : namespaceOf(object);
    return `${root(apiVersionOf(object))}${namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : ""}/${plural}`;
  }

  private async request(
    method: keyof typeof Kubernetes.HttpMethod,
    path: string,
    query: Record<string, string> = {},
    body?: { type: string; content: Json },
    milliseconds: number = requestMilliseconds,
  ): Promise<JsonMap> {
    const { HttpMethod, RequestContext } = this.library;
    const cluster = this.config.getCurrentCluster();
    if (cluster === null) throw new Error(`context "${this.config.getCurrentContext()}" names no cluster`);
    const context = new RequestContext(cluster.server.replace(/\/$/, "") + path, HttpMethod[method]);
    for (const [key, value] of Object.entries(query)) context.setQueryParam(key, value);
    context.setHeaderParam("Accept", "application/json");
    if (body !== undefined) {
      context.setHeaderParam("Content-Type", body.type);
      context.setBody(JSON.stringify(body.content));
    }
    await this.config.applySecurityAuthentication(context);
    context.setSignal(AbortSignal.timeout(milliseconds));
    const { status, text: content } = await sendRequest(context);
    if (status < 300) return JSON.parse(content) as JsonMap;
    throw apiError(status, content);
  }
}

const dry = (dryRun: boolean): Record<string, string> => (dryRun ? { dryRun: "All" } : {});
const root = (apiVersion: string): string => (apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`);

function noMatch(apiVersion: string, kind: string): NoMatchError {
  return new NoMatchError(`no matches for kind "${kind}" in version "${apiVersion}"`);
}

function apiError(code: number, content: string): ApiError {
  try {
    const status = JSON.parse(content) as { reason?: string; message?: string };
    return new ApiError(code, status.message ?? content, status.reason);
  } catch {
    // A proxy's page, or plain text, instead of a Status.
    return new ApiError(code, `the server answered ${code}: ${content.slice(0, 500)}`);
  }
}
