import type { TestStack } from "../../harness/stack";

interface KubernetesObject {
  kind: string;
  metadata: { name: string; uid: string; deletionTimestamp?: string };
  spec?: object;
  data?: Record<string, string>;
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
    // An annotation alone counts as another generation of a Deployment, though no pod of it changes.
    const content = { ...data, deploymentGeneration: undefined };
    found.set(`${kind} ${metadata.name}`, JSON.stringify([metadata.uid, spec, content, leaving]));
  }
  return found;
}
