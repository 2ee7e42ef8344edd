import { hostname, userInfo } from "node:os";
import type { Lease as KubernetesLease } from "kubernetes-types/coordination/v1";
import type { Live } from "../../components/cluster/objects";
import { ApiError } from "../../components/cluster/apiError";
import type { ClusterClient } from "../../components/cluster/client";
import { exitCodes, OpsError } from "../terminal/exitCodes";
import { evenWhileStopping, stop, withCleanUp } from "../terminal/interrupt";

type Lease = Live<KubernetesLease>;

/** After so many seconds without a sign of life the holder counts as dead. */
const leaseSeconds = 60;

/**
 * Holds a Lease in the namespace while the action runs, so that two of them never do at once. The action may ask whether it still holds it: a
 * machine that has slept may find that somebody else has taken it over, and then the command stops.
 */
export async function withLease<T>(
  client: ClusterClient,
  namespace: string,
  name: string,
  action: (held: () => boolean) => Promise<T>,
): Promise<T> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const live = (await client.get(`${path}/${name}`))?.body as Lease | undefined;
  if (live && isHeld(live)) throw busy(live.spec?.holderIdentity);
  // Every write names the version that it replaces: whoever else has written meanwhile is not overruled.
  let version = live?.metadata.resourceVersion;
  let held = false;
  let perhaps = false;
  const write = async (method: "POST" | "PUT", at: string): Promise<void> => {
    perhaps = true;
    const answer = (await client.send(method, at, lease(namespace, name, version))) as Lease;
    version = answer.metadata.resourceVersion;
    held = true;
  };
  /** Whether the lease names this process, which then may have written it without an answer: its version is the one to replace. */
  const isOurs = async (): Promise<boolean> => {
    const now = (await client.get(`${path}/${name}`))?.body as Lease | undefined;
    if (now?.spec?.holderIdentity !== me()) return false;
    version = now.metadata.resourceVersion;
    return true;
  };
  let renewal = Promise.resolve();
  const renew = (): void => {
    if (!held) return;
    renewal = write("PUT", `${path}/${name}`).catch(async (error: unknown) => {
      // A renewal that fails otherwise is tried again the next time; three of them fit into the lease.
      if (!isGone(error) || (await isOurs().catch(() => true))) return;
      held = false;
      clearInterval(timer);
      stop("Another redownload has taken over, because this one gave no sign of life for too long.", exitCodes.busy);
    });
  };
  const timer = setInterval(() => evenWhileStopping(renew), (leaseSeconds * 1000) / 4);
  timer.unref();
  const release = async (): Promise<void> => {
    clearInterval(timer);
    await renewal;
    if (!perhaps || !(await isOurs())) return;
    const body = { preconditions: { resourceVersion: version } };
    await client.send("DELETE", `${path}/${name}`, body).catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
  };
  return withCleanUp(release, async () => {
    try {
      await (live ? write("PUT", `${path}/${name}`) : write("POST", path));
    } catch (error) {
      perhaps = !(error instanceof ApiError) || error.status >= 500;
      if (error instanceof ApiError && error.status === 409) throw busy(undefined);
      throw error;
    }
    return action(() => held);
  });
}

function lease(namespace: string, name: string, resourceVersion: string | undefined): object {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name, namespace, ...(resourceVersion !== undefined && { resourceVersion }) },
    spec: {
      holderIdentity: me(),
      leaseDurationSeconds: leaseSeconds,
      renewTime: new Date().toISOString().replace("Z", "000Z"),
    },
  };
}

const me = (): string => `${userInfo().username}@${hostname()}/${process.pid}`;

/** Removed, or written by somebody else. */
function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 409);
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
