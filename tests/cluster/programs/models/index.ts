/** Whatever components the test names, in its order. */
import * as pulumi from "@pulumi/pulumi";
import type { PlainArgs } from "../../../../components/args/content";
import { createProvider } from "../../../../components/cluster/provider";
import { SharedNamespace } from "../../../../components/sharedNamespace";
import { VllmInference } from "../../../../components/vllmInference";

/** A line of a program. */
export interface Line {
  shared?: string;
  model?: string;
  /** Name of another component to lie in. */
  parent?: string;
  /** URNs that it has had. */
  aliases?: string[];
  args?: Partial<PlainArgs>;
}

const { TEST_KUBECONFIG: kubeconfig = "", TEST_CONTEXT: context = "", TEST_NAMESPACE: namespace = "" } = process.env;
const cluster = createProvider("cluster", { kubeconfig, context });
const parents = new Map<string, pulumi.ComponentResource>();
const shared: pulumi.Resource[] = [];
for (const { model, shared: space, parent, aliases = [], args } of JSON.parse(
  process.env.TEST_LINES ?? "[]",
) as Line[]) {
  if (space !== undefined) shared.push(new SharedNamespace(space, { cluster, namespace, ...args }));
  if (model === undefined) continue;
  if (parent !== undefined) parents.set(parent, new pulumi.ComponentResource("acme:index:Team", parent));
  const own = { cluster, namespace, hfToken: "hf_madeUpMadeUpMadeUpMadeUpMadeUpMa", ...args };
  const opts = { dependsOn: shared, aliases };
  new VllmInference(model, own, { ...opts, ...(parent !== undefined && { parent: parents.get(parent)! }) });
}
