import { apiGet } from "./api";

/** The fault that new pods of a namespace are given; undefined where none is set, or it cannot be told. */
export async function faultOf(kubeconfig: string, namespace: string): Promise<string | undefined> {
  const { status, text } = await apiGet(kubeconfig, "/api/v1/namespaces/simulation/configmaps/settings");
  if (status !== 200) return undefined;
  const { data } = JSON.parse(text) as { data?: Record<string, string> };
  return data?.[`${namespace}.fault`];
}

/** What ends it. */
export const endOfFault = "npm run local -- fault none";

/** What is said of it wherever the deployment is looked at. */
export function faultText(fault: string): string {
  return `the fault '${fault}' is set: pods that start meet it, until you type \`${endOfFault}\``;
}
