import type { ClusterClient } from "../../components/cluster/client";
import { findings } from "../../components/readiness/findings";
import type { Finding } from "../../components/readiness/finding";
import type { Expected, GateTarget } from "../../components/readiness/contract";
import { newMemory } from "../../components/readiness/memory";
import { rollout, type Standing, standing } from "../../components/readiness/phase";
import { readSnapshot } from "../../components/readiness/read";
import type { PodView, Snapshot } from "../../components/readiness/snapshot";
import { exitCodes, OpsError } from "../terminal/exitCodes";
import type { OpsStack } from "./openStack";

/** A deployment at one moment, in the words of the readiness gate. */
export interface Observation {
  snapshot: Snapshot;
  standing: Standing;
  /** What stands in the way, or has gone wrong since the pods were made; the surest first. */
  findings: Finding[];
}

/** Undefined where there is no Deployment. */
export async function observe(client: ClusterClient, target: GateTarget): Promise<Observation | undefined> {
  const snapshot = await readSnapshot(client, target, Date.now());
  if (!snapshot.deployment) return undefined;
  const expected: Expected = { uid: snapshot.deployment.uid, generation: snapshot.deployment.generation };
  return {
    snapshot,
    standing: standing(snapshot, target, expected),
    // Without a memory of an earlier look, everything that is there counts.
    findings: findings(snapshot, newMemory(Infinity), target, expected, { unschedulableSeconds: 0 }),
  };
}

export async function observeDeployed(client: ClusterClient, stack: OpsStack): Promise<Observation> {
  return (await observe(client, stack.target)) ?? notDeployed(stack);
}

export function notDeployed({ name, target }: OpsStack): never {
  throw new OpsError(
    `Nothing is deployed: namespace ${target.namespace} has no Deployment ${target.deployment}. \`pulumi up --stack ${name}\` makes it, ` +
      `and \`npm run ops -- doctor --stack ${name}\` checks the cluster before.`,
    exitCodes.nothingDeployed,
  );
}

/** The pod that a command is about: the newest of the current ReplicaSet, else whichever there is. */
export function mainPod(snapshot: Snapshot): PodView | undefined {
  const { current, leaving, failed } = rollout(snapshot);
  const youngest = (pods: PodView[]): PodView | undefined => pods.toSorted((a, b) => (a.age ?? 0) - (b.age ?? 0))[0];
  return youngest(current) ?? youngest(leaving) ?? youngest(failed);
}
