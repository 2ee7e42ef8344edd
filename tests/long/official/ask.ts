/** Asks a kubernetes provider all scenarios on the tests' cluster, and writes each answer so that it is the same whenever it is asked. */
import type { TestCluster } from "../../../harness/cluster";
import type { Value } from "../../../local/plugins/shared/wire";
import type { Provider } from "../../unit/plugins/provider";
import { scenarios } from "./scenarios";

/** The settings of the program's own provider. */
const programs = {
  clusterIdentifier: "local",
  enableSecretMutable: "true",
  enableConfigMapMutable: "true",
  upsertExistingObjects: "true",
};

export async function ask(name: string, start: () => Promise<Provider>, cluster: TestCluster): Promise<Value> {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`no scenario is named ${name}`);
  const namespace = `official-${Math.random().toString(36).slice(2, 10)}`;
  const started: Provider[] = [];
  await cluster.kubectl("create", "namespace", namespace);
  try {
    const answer = await scenario({
      cluster,
      namespace,
      provider: async (settings = {}) => {
        const provider = await start();
        started.push(provider);
        const { kubeconfig, context } = cluster;
        await provider.configure("kubernetes", { kubeconfig, context, ...programs, ...settings });
        return provider;
      },
    });
    return told(answer, namespace);
  } finally {
    for (const provider of started) provider.end();
    await cluster.kubectl("delete", "namespace", namespace, "--wait=false");
  }
}

/** What differs from run to run, by a name that does not. */
const names: readonly [RegExp, string][] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID"],
  [/\b10\.0(\.\d+){2}\b/g, "IP"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "TIME"],
  [/pulumi-kubernetes-[0-9a-f]{8}/g, "pulumi-kubernetes-MANAGER"],
  [/\bit-[0-9a-f]{8,10}(-[a-z0-9]{5})?\b/g, "it-HASH"],
];

function told(value: Value, namespace: string): Value {
  const text = JSON.stringify(value).replaceAll(namespace, "NAMESPACE");
  return JSON.parse(names.reduce((all, [pattern, name]) => all.replaceAll(pattern, name), text)) as Value;
}
