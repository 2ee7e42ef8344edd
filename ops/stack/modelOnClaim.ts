import type { ClusterClient } from "../../components/cluster/client";
import { ApiError } from "../../components/cluster/apiError";
import type { GateTarget } from "../../components/readiness";
import type { PodView } from "../../components/readiness/snapshot";

/** What the downloader said of the model when it was done. */
export interface ModelOnClaim {
  id: string;
  /** The first 12 digits. */
  commit: string;
  size: string;
  /** When it was verified, as the node's clock says. */
  verified?: string;
}

/** From the downloader's line `model-downloader: complete <id>@<commit> <size>`, the first of a run: those on adapters come after it. */
export function completed(log: string): ModelOnClaim | undefined {
  const line = log.split("\n").find((text) => text.includes("model-downloader: complete "));
  const [, stamp, id, commit, size] =
    /^(\S+Z )?.*model-downloader: complete (\S+)@(\w+) (\S+ \w+)/.exec(line ?? "") ?? [];
  if (id === undefined || commit === undefined || size === undefined) return undefined;
  return { id, commit, size, ...(stamp !== undefined && { verified: stamp.trim().replace(/\.\d+Z$/, "Z") }) };
}

/** Reads the downloader's log of a pod; a log that is gone or may not be read says nothing. */
export async function modelOf(
  client: ClusterClient,
  target: GateTarget,
  pod: PodView,
): Promise<ModelOnClaim | undefined> {
  const query = { container: target.downloaderContainer, tailLines: "500", timestamps: "true" };
  try {
    return completed(await client.text(`/api/v1/namespaces/${target.namespace}/pods/${pod.name}/log`, query));
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}
