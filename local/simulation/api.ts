import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject } from "@kubernetes/client-node";
import { ApiError } from "../../components/cluster/apiError";
import { type Admin, adminOf, send } from "./transport";

/** The cache may be a moment behind: what exists already, or is gone already, is as wanted. */
export async function ignoring(code: number, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== code) throw error;
  }
}

/** The user agent is the name under which managedFields list what this process writes. */
const headers = { accept: "application/json", "user-agent": "simulation" };

/**
 * The API server, spoken to in plain JSON. The typed client writes only the fields of its models, and so loses
 * a CRD's `x-kubernetes-*`: https://github.com/kubernetes-client/javascript/issues/1184
 */
export class Api {
  private readonly admin: Admin;

  constructor(kubeconfig: string) {
    this.admin = adminOf(kubeconfig);
  }

  /** Server-side apply as `simulation`, forced: the simulation's objects are nobody else's. */
  async apply(object: KubernetesObject, subresource?: "status"): Promise<void> {
    const path = `${pathOf(object)}${subresource ? `/${subresource}` : ""}?fieldManager=simulation&force=true`;
    // The resources of a CRD are served a moment after the CRD exists.
    for (let attempt = 1; ; attempt++) {
      try {
        await this.call("PATCH", path, object, "application/apply-patch+yaml");
        return;
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404 || attempt === 50) throw error;
        await sleep(100);
      }
    }
  }

  async merge(path: string, patch: object): Promise<void> {
    await this.call("PATCH", path, patch, "application/merge-patch+json");
  }

  async get<T>(path: string): Promise<T> {
    return (await this.call("GET", path)) as T;
  }

  /** What is no JSON: metrics. */
  text(path: string): Promise<string> {
    return this.answer("GET", path, { accept: "text/plain" });
  }

  async list<T>(path: string): Promise<{ metadata: { resourceVersion: string }; items: T[] }> {
    return (await this.call("GET", path)) as { metadata: { resourceVersion: string }; items: T[] };
  }

  /** Reads a watch until the API server ends it or `signal` aborts; rejects when the connection breaks. */
  async watch(path: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    let rest = "";
    const onText = (text: string): void => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(onLine);
    };
    const { status, text } = await send(this.admin, path, { headers, signal, onText });
    if (status !== 200) throw new ApiError(status, `GET ${path}: ${text}`);
  }

  async create<T>(path: string, object: object): Promise<T> {
    return (await this.call("POST", path, object, "application/json")) as T;
  }

  async remove(path: string): Promise<void> {
    await this.call("DELETE", path);
  }

  private async call(method: string, path: string, body?: object, contentType?: string): Promise<unknown> {
    const type = contentType === undefined ? {} : { "content-type": contentType };
    return JSON.parse(await this.answer(method, path, type, body));
  }

  private async answer(method: string, path: string, own: Record<string, string>, body?: object): Promise<string> {
    const { status, text } = await send(this.admin, path, {
      method,
      headers: { ...headers, ...own },
      timeout: 30_000,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (status < 200 || status > 299) throw new ApiError(status, `${method} ${path}: ${status} ${messageOf(text)}`);
    return text;
  }
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text; // a proxy's or the API server's plain text
  }
}

const plurals: Record<string, string> = {
  CSIDriver: "csidrivers",
  ClusterRole: "clusterroles",
  ConfigMap: "configmaps",
  CustomResourceDefinition: "customresourcedefinitions",
  Deployment: "deployments",
  EndpointSlice: "endpointslices",
  MutatingAdmissionPolicy: "mutatingadmissionpolicies",
  MutatingAdmissionPolicyBinding: "mutatingadmissionpolicybindings",
  Namespace: "namespaces",
  Node: "nodes",
  PersistentVolume: "persistentvolumes",
  PersistentVolumeClaim: "persistentvolumeclaims",
  Pod: "pods",
  Route: "routes",
  Service: "services",
  Stage: "stages",
  StorageClass: "storageclasses",
  ValidatingAdmissionPolicy: "validatingadmissionpolicies",
  ValidatingAdmissionPolicyBinding: "validatingadmissionpolicybindings",
};

/** The path of an object, or of its collection when it has no name. */
export function pathOf({ apiVersion = "v1", kind = "", metadata }: KubernetesObject): string {
  const plural = plurals[kind];
  if (plural === undefined) throw new Error(`kind ${kind} is not among the simulation's`);
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const namespace = metadata?.namespace ? `/namespaces/${metadata.namespace}` : "";
  return `${group}${namespace}/${plural}${metadata?.name ? `/${metadata.name}` : ""}`;
}
