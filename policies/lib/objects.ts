/** Kubernetes objects as the engine shows them, whichever provider version or SDK language registered them. */
import type { PolicyResourceOptions } from "@pulumi/policy";
import { asText, at, elements, isObject, readProperties, UNKNOWN, type Path, type Value } from "./values";

export interface KubernetesObject {
  /** `apps/v1`, as in the type token; the core group is `core/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** metadata.name, or the resource's logical name where that is absent or unknown. */
  readonly name: string;
  readonly nameKnown: boolean;
  /** metadata.namespace; `undefined` where it is absent or unknown. */
  readonly namespace: string | undefined;
  readonly stack: string;
  readonly urn: string;
  readonly value: Value;
  /** Where the object lies in the resource's properties: empty but for the items of a list. */
  readonly path: Path;
  readonly protect: boolean;
  /** A `…Patch` names only the fields that it changes: what is absent there says nothing about the object. */
  readonly partial: boolean;
}

export interface RegisteredResource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly props: object;
  readonly opts?: Partial<PolicyResourceOptions>;
}

/** The Kubernetes objects that a resource stands for: one, or the items of a list kind such as `DeploymentList`. */
export function objectsOf(resource: RegisteredResource): KubernetesObject[] {
  const [, version = "", type = ""] = /^kubernetes:(.+):(\w+)$/.exec(resource.type) ?? [];
  // Charts, releases and directories: their children are resources of their own, or are not seen at all.
  if (type === "" || /^(?:helm\.sh|yaml|kustomize)(?:\/|$)/.test(version)) return [];
  const value = readProperties(resource.props);
  const items = at(value, "items");
  if (!type.endsWith("List") || !Array.isArray(items)) return [describe(resource, version, type, value, [])];
  return elements(items).flatMap((item, index) => {
    const kind = asText(at(item, "kind")) ?? type.slice(0, -"List".length);
    const own = asText(at(item, "apiVersion"));
    return kind === ""
      ? []
      : [describe(resource, own === "v1" ? "core/v1" : (own ?? version), kind, item, ["items", index])];
  });
}

function describe(
  resource: RegisteredResource,
  apiVersion: string,
  type: string,
  value: Value,
  path: Path,
): KubernetesObject {
  const partial = type.endsWith("Patch") && type !== "Patch";
  return {
    apiVersion,
    kind: partial ? type.slice(0, -"Patch".length) : type,
    partial,
    name: asText(at(value, "metadata", "name")) ?? resource.name,
    nameKnown: at(value, "metadata", "name") !== UNKNOWN && at(value, "metadata") !== undefined,
    namespace: asText(at(value, "metadata", "namespace")),
    stack: resource.urn.split(":")[2] ?? "",
    urn: resource.urn,
    value,
    path,
    protect: resource.opts?.protect === true,
  };
}

/** `Deployment vllm-inference/vllm` */
export function title(object: KubernetesObject): string {
  return `${object.kind}${object.partial ? "Patch" : ""} ${object.namespace === undefined ? "" : `${object.namespace}/`}${object.name}`;
}

/** Whether the names can be meant for one object: a namespace that is not known may be any. */
export function sameNamespace(left: string | undefined, right: string | undefined): boolean {
  return left === undefined || right === undefined || left === right;
}

export function annotations(object: KubernetesObject): [string, Value][] {
  const map = at(object.value, "metadata", "annotations");
  return isObject(map) ? Object.entries(map) : [];
}
