import type { Pod } from "kubernetes-types/core/v1";
import { serverPort } from "../args/names";
import type { ClusterReader } from "../cluster/client";
import type { Live } from "../cluster/objects";
import { causeText } from "../cluster/trouble";
import type { GateTarget } from "./contract";
import { rollout } from "./phase";
import type { Snapshot } from "./snapshot";

/** Which vLLM a server says that it is, or why it was not heard. */
export type VersionAnswer = { version: string } | { why: string };

/** Asks the pod that serves at `/version`, which wants no key, through the API server: the Route leads to `/v1` alone. */
export async function askVersion(
  reader: ClusterReader,
  { namespace, serverContainer }: GateTarget,
  snapshot: Snapshot,
): Promise<VersionAnswer> {
  const serving = rollout(snapshot).current.find(({ containers = [] }) =>
    containers.some(({ name, ready }) => name === serverContainer && ready),
  );
  if (!serving) return { why: "its pod was not seen" };
  const path = `/api/v1/namespaces/${namespace}/pods/${serving.name}`;
  try {
    const pod = (await reader.get(path))?.body as Live<Pod> | undefined;
    const container = pod?.status?.containerStatuses?.find(({ name }) => name === serverContainer);
    // A kubelet names the image that it has pulled; a simulated one has none, and whatever else has the pod's address would be asked.
    if (!container?.imageID) return { why: "its pod is simulated" };
    const { version } = ((await reader.get(`${path}:${serverPort}/proxy/version`))?.body ?? {}) as {
      version?: unknown;
    };
    if (typeof version === "string" && /^\d+\.\d+\.\d+[\w.+-]*$/.test(version)) return { version };
    return { why: "it has no answer at /version" };
  } catch (error) {
    // It serves, whatever keeps it from being asked.
    return { why: causeText(error) };
  }
}
