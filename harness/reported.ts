/** When the cluster first said that a start-up fails, as far as its objects tell afterwards. */
import type { TestStack } from "./stack";

interface Condition {
  type: string;
  status: string;
  lastTransitionTime?: string;
}
interface ContainerStatus {
  state?: { terminated?: { exitCode: number; finishedAt?: string } };
  lastState?: { terminated?: { exitCode: number; finishedAt?: string } };
}
interface Item {
  kind: string;
  type?: string;
  firstTimestamp?: string | null;
  eventTime?: string | null;
  metadata: { creationTimestamp: string };
  status?: {
    conditions?: Condition[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
    ingress?: { conditions?: Condition[] }[];
  };
}

const bad: Readonly<Record<string, string>> = { PodScheduled: "False", ReplicaFailure: "True", Admitted: "False" };

/** Milliseconds since the epoch; the Deployment's writing where nothing else tells. */
export async function reportedAt({ cluster, namespace }: TestStack): Promise<number> {
  const kinds = "pods,replicasets,events,routes,deployments";
  const list = await cluster.kubectl("-n", namespace, "get", kinds, "-o", "json");
  const { items } = JSON.parse(list) as { items: Item[] };
  const written = items.filter(({ kind }) => kind === "Deployment").map(({ metadata }) => metadata.creationTimestamp);
  const times = items.flatMap(timesOf).filter((time) => time !== undefined && time !== null);
  return Math.min(...(times.length > 0 ? times : written).map((time) => Date.parse(time)));
}

function timesOf({ kind, type, firstTimestamp, eventTime, status = {} }: Item): (string | null | undefined)[] {
  if (kind === "Event") return type === "Warning" ? [firstTimestamp ?? eventTime] : [];
  const conditions = [
    ...(status.conditions ?? []),
    ...(status.ingress ?? []).flatMap((router) => router.conditions ?? []),
  ];
  const ended = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
    .flatMap(({ state, lastState }) => [state?.terminated, lastState?.terminated])
    .filter((terminated) => terminated !== undefined && terminated.exitCode !== 0);
  return [
    ...conditions
      .filter((condition) => bad[condition.type] === condition.status)
      .map((condition) => condition.lastTransitionTime),
    ...ended.map((terminated) => terminated?.finishedAt),
  ];
}
