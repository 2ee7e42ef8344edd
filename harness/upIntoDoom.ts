/** Runs `up` into a doom: what the tests of the diagnosis and the bench have in common. */
import { simulate } from "../local/simulation";
import type { Doom } from "./dooms";
import { reportedAt } from "./reported";
import { type Outcome, TestStack } from "./stack";

/** How long the simulated kubelet takes for each step, in seconds. */
export const delays = { pull: 0.2, download: 0.5, load: 0.5, terminate: 0 };

export interface DoomedUp {
  readonly stack: TestStack;
  readonly failed: Outcome;
  /** Seconds from the cluster's report to the end of `up`. */
  readonly judgedAfter: number;
}

export async function upInto(doom: Doom, namespace: string): Promise<DoomedUp> {
  const stack = await TestStack.create(namespace, { config: { createNamespace: false, ...doom.config } });
  const { cluster } = stack;
  await cluster.kubectl("create", "namespace", namespace);
  for (const object of doom.objects?.(namespace) ?? [])
    await cluster.kubectlWithInput(JSON.stringify(object), "apply", "-f", "-");
  await doom.prepare?.(stack);
  await simulate(cluster.kubeconfig, namespace, { ...delays, fault: doom.fault });
  const failed = await stack.up();
  const judgedAfter = (Date.now() - (await reportedAt(stack))) / 1000;
  return { stack, failed, judgedAfter };
}
