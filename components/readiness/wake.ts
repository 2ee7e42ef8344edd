import { ApiError } from "../cluster/apiError";
import type { ClusterClient } from "../cluster/client";
import type { GateTarget } from "./contract";
import type { Memory } from "./memory";
import type { Rollout } from "./phase";
import type { Snapshot } from "./snapshot";

/** Says when the gate has asked for another attempt. */
const annotation = "vllm-inference/retried-at";

/** The ReplicaSet whose pod was refused before the wait began. */
function refusedBefore(memory: Memory, { replicaSet, current }: Rollout): { name: string; uid: string } | undefined {
  if (!replicaSet || current.length > 0 || !memory.stale.has(replicaSet.uid)) return undefined;
  const refused = replicaSet.conditions?.some(({ type, status }) => type === "ReplicaFailure" && status === "True");
  return refused ? replicaSet : undefined;
}

/**
 * After refusals a ReplicaSet's pauses grow up to 17 min, so a mended quota or SCC would be met by an `up` that waits for nothing.
 * Any change of the ReplicaSet makes its controller try at once; what it says then is news.
 */
export async function wakeRefused(
  client: ClusterClient,
  target: GateTarget,
  memory: Memory,
  { at }: Snapshot,
  pods: Rollout,
): Promise<void> {
  const replicaSet = refusedBefore(memory, pods);
  if (!replicaSet) return;
  const path = `/apis/apps/v1/namespaces/${target.namespace}/replicasets/${replicaSet.name}`;
  const annotations = { [annotation]: new Date(at).toISOString() };
  try {
    await client.send("PATCH", path, { metadata: { annotations } });
    memory.stale.delete(replicaSet.uid);
  } catch (error) {
    // Without the right to write it, or when it has gone meanwhile, the wait goes on until the controller's own next attempt.
    if (!(error instanceof ApiError) || ![403, 404, 409].includes(error.status)) throw error;
  }
}
