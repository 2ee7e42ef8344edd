import { toJson, type ValueMap } from "../shared/wire";
import { NoMatchError } from "./client";
import { apiVersionOf, kindOf } from "./object";
import type { Session } from "./session";

// Kinds of Kubernetes itself that live outside namespaces, so that a preview needs to ask nobody about them.
const clusterScoped = new Set([
  "APIService",
  "CSIDriver",
  "CSINode",
  "CertificateSigningRequest",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "DeviceClass",
  "FlowSchema",
  "IngressClass",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "PriorityLevelConfiguration",
  "RuntimeClass",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
  "VolumeAttachment",
  "VolumeAttributesClass",
]);

/** Whether it is of a kind of Kubernetes itself, as its group tells. */
export function isBuiltIn(object: ValueMap): boolean {
  const apiVersion = apiVersionOf(object);
  const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
  return !group.includes(".") || group.endsWith(".k8s.io");
}

/** Whether Kubernetes' own kind of this name lives outside namespaces; undefined for everybody else's kinds. */
export function isKnownClusterScoped(object: ValueMap): boolean | undefined {
  return isBuiltIn(object) ? clusterScoped.has(kindOf(object)) : undefined;
}

/** Whether objects of this kind live in a namespace; a kind that nobody knows yet is taken for one that does. */
export async function isNamespaced(session: Session, object: ValueMap): Promise<boolean> {
  const known = isKnownClusterScoped(object);
  if (known !== undefined) return !known;
  const apiVersion = apiVersionOf(object);
  const connection = await session.connect();
  if ("unreachable" in connection) return true;
  try {
    return (await connection.client.resource(toJson({ apiVersion, kind: kindOf(object) }))).namespaced;
  } catch (error) {
    if (error instanceof NoMatchError) return true;
    throw error;
  }
}
