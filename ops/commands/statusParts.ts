import { gpuResources } from "../../components/args/gpuResource";
import tls from "node:tls";
import type { Node, PersistentVolumeClaim } from "kubernetes-types/core/v1";
import { ApiError } from "../../components/cluster/apiError";
import type { ClusterClient } from "../../components/cluster/client";
import type { Live } from "../../components/cluster/objects";
import type { GateTarget } from "../../components/readiness";
import { unadmitted } from "../../components/readiness/phase";
import type { PodView, Snapshot } from "../../components/readiness/snapshot";
import { messageOf } from "../../shared/errors";
import type { OpsStack } from "../stack/openStack";

/** How long a router may take to show its certificate, in ms. */
const tlsTimeoutMs = 3000;

/** An object, or undefined where there is none or it may not be read; the right that is missing is noted. */
export async function tryGet<T>(
  client: ClusterClient,
  rights: Set<string>,
  right: string,
  path: string,
): Promise<T | undefined> {
  try {
    return (await client.get(path))?.body as T | undefined;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    rights.add(right);
    return undefined;
  }
}

/** Name and GPUs of the pod's node. */
export async function nodeText(client: ClusterClient, rights: Set<string>, pod: PodView | undefined): Promise<string> {
  if (pod?.node === undefined) return "none yet";
  const node = await tryGet<Live<Node>>(client, rights, "get nodes", `/api/v1/nodes/${pod.node}`);
  if (!node) return pod.node;
  const product = node.metadata.labels?.["nvidia.com/gpu.product"] ?? "GPU of unknown model";
  const { "nvidia.com/gpu": whole, ...rest } = node.status?.allocatable ?? {};
  const others = Object.entries(rest).filter(([name, count]) => gpuResources.test(name) && count !== "0");
  if ((whole === undefined || whole === "0") && others.length > 0)
    return `${pod.node}, ${others.map(([name, count]) => `${count} × ${name}`).join(", ")} of ${product}`;
  return `${pod.node}, ${whole ?? "no"} × ${product}`;
}

interface Stats {
  pods?: {
    podRef: { namespace: string };
    volume?: { pvcRef?: { name: string }; usedBytes?: number; capacityBytes?: number }[];
  }[];
}

/** Phase, size, class and, where the kubelet may be asked, how full it is. */
export async function claimText(
  client: ClusterClient,
  rights: Set<string>,
  target: GateTarget,
  node?: string,
): Promise<string> {
  const path = `/api/v1/namespaces/${target.namespace}/persistentvolumeclaims/${target.claim}`;
  const claim = await tryGet<Live<PersistentVolumeClaim>>(client, rights, "get persistentvolumeclaims", path);
  if (!claim) return `${target.claim}: not there`;
  const { phase = "Pending", capacity } = claim.status ?? {};
  const size = capacity?.storage === undefined ? "" : `, ${capacity.storage}`;
  const used = node === undefined ? undefined : await usedBytes(client, rights, target, node);
  return `${target.claim}: ${phase}${size}, class ${claim.spec?.storageClassName ?? "none"}${used === undefined ? "" : `, ${used}`}`;
}

async function usedBytes(
  client: ClusterClient,
  rights: Set<string>,
  target: GateTarget,
  node: string,
): Promise<string | undefined> {
  let stats: Stats | undefined;
  try {
    stats = await tryGet<Stats>(client, rights, "get nodes/proxy", `/api/v1/nodes/${node}/proxy/stats/summary`);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return `how full cannot be told: the kubelet answered ${error.status}`;
  }
  if (!stats) return undefined;
  const volume = stats?.pods
    ?.filter(({ podRef }) => podRef.namespace === target.namespace)
    .flatMap((pod) => pod.volume ?? [])
    .find(({ pvcRef }) => pvcRef?.name === target.claim);
  if (volume?.usedBytes === undefined || !volume.capacityBytes)
    return "how full cannot be told: the kubelet measures no volume of this claim";
  return `${(volume.usedBytes / 1e9).toFixed(1)} GB used (${Math.round((100 * volume.usedBytes) / volume.capacityBytes)} %)`;
}

/** The Route's own host, and whether a router serves it there. */
export function routeOf(snapshot: Snapshot, target: GateTarget): { host?: string; admitted: boolean } {
  const { route } = snapshot;
  const host = route?.host;
  return { ...(host !== undefined && { host }), admitted: route !== undefined && !unadmitted(snapshot, target) };
}

/** The names that the last successful `up` published. */
export async function publishedNames(
  client: ClusterClient,
  rights: Set<string>,
  { args }: OpsStack,
): Promise<string[] | undefined> {
  const path = `/api/v1/namespaces/${args.namespace}/configmaps/${args.names.publishedConfigMap}`;
  const map = await tryGet<{ data?: { servedModelNames?: string } }>(client, rights, "get configmaps", path);
  return map?.data?.servedModelNames?.split(",");
}

/** Until when a router's certificate holds, and whether this machine trusts it. */
export function tlsCertificate(host: string, port = 443): Promise<string> {
  return new Promise((resolve) => {
    const socket = tls.connect({ host, port, servername: host, rejectUnauthorized: false });
    const finish = (text: string): void => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(tlsTimeoutMs, () => finish("not reached from here: no answer"));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      finish(`not reached from here: ${error.code ?? error.message}`),
    );
    socket.once("secureConnect", () => {
      const until = new Date(socket.getPeerCertificate().valid_to);
      const days = Math.floor((until.getTime() - Date.now()) / 86_400_000);
      const trust = socket.authorized ? "trusted here" : `not trusted here (${messageOf(socket.authorizationError)})`;
      finish(`valid until ${until.toISOString().slice(0, 10)} (${days} days), ${trust}`);
    });
  });
}
