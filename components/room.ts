/** Says before an `up` when the nodes have not enough GPUs for all models of a stack together. */
import * as pulumi from "@pulumi/pulumi";
import type { PlainArgs } from "./args/content";
import { resolveArgs } from "./args/resolve";
import { sharedClient } from "./cluster/client";
import { targetedText, thisStack } from "./cluster/commands";
import type { ClusterConnection } from "./cluster/connection";
import { thisOwner } from "./hooks/ownership";
import { askedPod } from "./manifests/deployment";
import { ownerAnnotation } from "./manifests/labels";
import { readRoom } from "./readiness/readRoom";
import { roomText } from "./readiness/room";

/**
 * Warns, at preview and before an `up` begins, where the models have no room together. What may not be read, or a cluster that does not answer,
 * leaves it unknown, and nothing is said.
 */
export async function tellRoom(
  connection: ClusterConnection,
  models: Readonly<Record<string, Omit<PlainArgs, "cluster">>>,
): Promise<void> {
  // Mocks have no engine, and no cluster.
  if (!pulumi.runtime.hasEngine()) return;
  const owner = thisOwner();
  let text: string | undefined;
  try {
    const reader = await sharedClient(connection);
    const asked = Object.entries(models).map(([name, args]) => askedPod(resolveArgs(name, args)));
    const room = await readRoom(reader, asked, (annotations) => annotations[ownerAnnotation] === owner);
    text = room && roomText(room);
  } catch {
    // The provider says that the cluster does not answer.
    return;
  }
  if (text !== undefined) await pulumi.log.warn(targetedText(text, { stack: thisStack() }));
}
