import { apiGet } from "./api";

/** By which a real node's pods are given their fault (local/real/fault.ts). */
export const faultPolicy = {
  apiVersion: "admissionregistration.k8s.io/v1beta1",
  kind: "MutatingAdmissionPolicy",
  metadata: { name: "fault" },
} as const;

/** The fault that new pods of a namespace are given; undefined where none is set, or it cannot be told. */
export async function faultOf(kubeconfig: string, namespace: string): Promise<string | undefined> {
  const settings = await read<{ data?: Record<string, string> }>(
    kubeconfig,
    "/api/v1/namespaces/simulation/configmaps/settings",
  );
  if (settings) return settings.data?.[`${namespace}.fault`];
  const { apiVersion, metadata } = faultPolicy;
  const path = `/apis/${apiVersion}/mutatingadmissionpolicies/${metadata.name}`;
  const policy = await read<{ metadata: { annotations?: Record<string, string> } }>(kubeconfig, path);
  return Object.values(policy?.metadata.annotations ?? {})[0];
}

async function read<T>(kubeconfig: string, path: string): Promise<T | undefined> {
  const { status, text } = await apiGet(kubeconfig, path);
  return status === 200 ? (JSON.parse(text) as T) : undefined;
}

/** What ends it. */
export const endOfFault = "npm run local -- fault none";

/** What is said of it wherever the deployment is looked at. */
export function faultText(fault: string): string {
  return `the fault '${fault}' is set: pods that start meet it, until you type \`${endOfFault}\``;
}
