import { hostname, userInfo } from "node:os";
import { ApiError, type ClusterClient } from "../components/clusterClient";
import { exitCodes, OpsError } from "./exit";
import { withCleanUp } from "./interrupt";

/** After so many seconds without a sign of life the holder counts as dead. */
const leaseSeconds = 60;

interface Lease {
  metadata: { resourceVersion: string };
  spec?: { holderIdentity?: string; renewTime?: string; leaseDurationSeconds?: number };
}

/** Holds a Lease in the namespace while the action runs, so that two of them never do at once. */
export async function withLease<T>(
  client: ClusterClient,
  namespace: string,
  name: string,
  action: () => Promise<T>,
): Promise<T> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const holderIdentity = `${userInfo().username}@${hostname()}/${process.pid}`;
  const lease = (resourceVersion?: string): object => ({
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name, namespace, ...(resourceVersion !== undefined && { resourceVersion }) },
    spec: {
      holderIdentity,
      leaseDurationSeconds: leaseSeconds,
      renewTime: new Date().toISOString().replace("Z", "000Z"),
    },
  });
  const live = (await client.get(`${path}/${name}`))?.body as Lease | undefined;
  if (live && isHeld(live)) throw busy(live.spec?.holderIdentity);
  try {
    // An old one is taken over only as it was seen: whoever else saw it too is refused.
    if (live) await client.send("PUT", `${path}/${name}`, lease(live.metadata.resourceVersion));
    else await client.send("POST", path, lease());
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) throw busy(undefined);
    throw error;
  }
  const renewal = setInterval(
    () => {
      // A renewal that fails is tried again the next time; three of them fit into the lease.
      client.send("PATCH", `${path}/${name}`, lease()).catch(() => undefined);
    },
    (leaseSeconds * 1000) / 4,
  );
  renewal.unref();
  const release = async (): Promise<void> => {
    clearInterval(renewal);
    await client.send("DELETE", `${path}/${name}`);
  };
  return withCleanUp(release, action);
}

function isHeld({ spec = {} }: Lease): boolean {
  const renewed = Date.parse(spec.renewTime ?? "");
  return !Number.isNaN(renewed) && Date.now() - renewed < (spec.leaseDurationSeconds ?? leaseSeconds) * 1000;
}

function busy(holder: string | undefined): OpsError {
  return new OpsError(
    `Another redownload is running${holder === undefined ? "" : ` (${holder})`}. Wait for it to end; one that was killed is forgotten after ${leaseSeconds} s.`,
    exitCodes.busy,
  );
}
