import type { TestStack } from "../../harness/stack";

interface KubernetesObject {
  kind: string;
  metadata: { name: string; uid: string; generation?: number; deletionTimestamp?: string };
  spec?: object;
  data?: object;
}

/** Every object of a stack's namespace, and the namespace itself, by kind and name, with what must not change of it. */
export async function objectsOf({ cluster, namespace }: TestStack): Promise<Map<string, string>> {
  const kinds = "deployment,pvc,service,route,serviceaccount,role,rolebinding,secret,configmap";
  const found = new Map<string, string>();
  const inside = await cluster.kubectl("get", "-n", namespace, kinds, "-o", "json");
  const space = await cluster.kubectl("get", "namespace", namespace, "--ignore-not-found", "-o", "json");
  const { items } = JSON.parse(inside) as { items: KubernetesObject[] };
  for (const each of [...items, ...(space === "" ? [] : [JSON.parse(space) as KubernetesObject])]) {
    const { kind, metadata, spec, data } = each;
    if (metadata.name === "default" || metadata.name === "kube-root-ca.crt") continue;
    const leaving = metadata.deletionTimestamp === undefined ? "" : "leaving";
    found.set(`${kind} ${metadata.name}`, JSON.stringify([metadata.uid, metadata.generation, spec, data, leaving]));
  }
  return found;
}
