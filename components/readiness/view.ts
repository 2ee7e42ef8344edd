import { isDeepStrictEqual } from "node:util";
import type { Deployment, ReplicaSet } from "kubernetes-types/apps/v1";
import type {
  ContainerStateTerminated,
  ContainerStatus,
  Event,
  Node,
  PersistentVolumeClaim,
  Pod,
  PodTemplateSpec,
} from "kubernetes-types/core/v1";
import type { ObjectMeta } from "kubernetes-types/meta/v1";
import type { Live } from "../cluster/objects";
import { redact } from "../text/redact";
import { schedulerSays } from "./phase";
import type {
  ClaimView,
  Condition,
  ContainerView,
  DeploymentView,
  EventView,
  HostView,
  PodView,
  ReplicaSetView,
  RouteView,
  TerminatedView,
} from "./snapshot";

/** OpenShift's, as far as it is read here: https://docs.redhat.com/en/documentation/openshift_container_platform/latest/html/network_apis */
interface Route {
  metadata: ObjectMeta & { uid: string };
  spec?: { host?: string };
  status?: { ingress?: { host?: string; routerName?: string; conditions?: Condition[] }[] };
}

/** The items of a list. */
export function items(list: unknown): unknown[] {
  return (list as { items?: unknown[] } | undefined)?.items ?? [];
}

/** Leaves out what is undefined: a field that is not there differs from one that is undefined. */
function defined<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

function age(meta: ObjectMeta, now: number): number | undefined {
  const made = Date.parse(meta.creationTimestamp ?? "");
  return Number.isNaN(made) ? undefined : Math.max(0, Math.round((now - made) / 1000));
}

export function deployment(object: unknown): DeploymentView {
  const { metadata, spec, status = {} } = object as Live<Deployment>;
  return defined<DeploymentView>({
    uid: metadata.uid,
    generation: metadata.generation ?? 0,
    observedGeneration: status.observedGeneration ?? 0,
    replicas: spec.replicas ?? 1,
    paused: spec.paused,
    totalReplicas: status.replicas,
    updatedReplicas: status.updatedReplicas,
    availableReplicas: status.availableReplicas,
    conditions: status.conditions,
  });
}

export function labelSelector(object: unknown): string {
  const { spec } = object as Live<Deployment>;
  return Object.entries(spec.selector?.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/**
 * The Deployment's ReplicaSets. The current one is told by its template, as the Deployment controller does: with Recreate, the
 * highest revision is still the old one's while the old pod stops.
 */
export function replicaSets(objects: unknown[], deploymentObject: unknown, now: number): ReplicaSetView[] {
  const owner = deploymentObject as Live<Deployment>;
  const owned = (objects as Live<ReplicaSet>[])
    .filter((set) => set.metadata.ownerReferences?.some((reference) => reference.uid === owner.metadata.uid))
    .sort((a, b) => (a.metadata.creationTimestamp ?? "").localeCompare(b.metadata.creationTimestamp ?? ""));
  const current = owned.find((set) => sameTemplate(set.spec.template, owner.spec.template));
  return owned.map((set) =>
    defined<ReplicaSetView>({
      name: set.metadata.name,
      uid: set.metadata.uid,
      age: age(set.metadata, now),
      current: set === current,
      conditions: set.status?.conditions,
    }),
  );
}

function sameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec): boolean {
  return isDeepStrictEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplateSpec = {}): PodTemplateSpec {
  const labels = { ...template.metadata?.labels };
  delete labels["pod-template-hash"];
  return { ...template, metadata: { ...template.metadata, labels } };
}

export function pod(object: unknown, now: number): PodView {
  const { metadata, spec, status = {} } = object as Live<Pod>;
  return defined<PodView>({
    name: metadata.name,
    uid: metadata.uid,
    age: age(metadata, now),
    owner: metadata.ownerReferences?.find(({ controller, kind }) => controller && kind === "ReplicaSet")?.uid,
    phase: status.phase,
    reason: status.reason,
    message: status.message,
    terminating: metadata.deletionTimestamp === undefined ? undefined : true,
    nominatedNode: status.nominatedNodeName,
    node: spec?.nodeName,
    conditions: status.conditions,
    gates: spec?.schedulingGates?.map(({ name }) => name),
    containers: [
      ...(status.initContainerStatuses ?? []).map((container) => containerView(container, true)),
      ...(status.containerStatuses ?? []).map((container) => containerView(container, false)),
    ],
  });
}

/** Whether the scheduler has found no node for a pod. */
export function unschedulable(object: unknown): boolean {
  const { spec, status } = object as Live<Pod>;
  const scheduled = schedulerSays({ node: spec?.nodeName, conditions: status?.conditions });
  return scheduled?.status === "False" && scheduled.reason === "Unschedulable";
}

function containerView(status: ContainerStatus, init: boolean): ContainerView {
  return defined<ContainerView>({
    name: status.name,
    init: init || undefined,
    image: status.image || undefined,
    restarts: status.restartCount,
    ready: status.ready,
    started: status.started,
    waiting: status.state?.waiting,
    running: status.state?.running ? true : undefined,
    terminated: ended(status.state?.terminated),
    last: ended(status.lastState?.terminated),
  });
}

function ended(terminated: ContainerStateTerminated | undefined): TerminatedView | undefined {
  // The runtime has lost the run with its node, and does not know how it ended: it says nothing of the program.
  // https://github.com/containerd/containerd/blob/v1.6.20/pkg/cri/server/restart.go (unknownExitCode); tests/recorded/node
  if (!terminated || (terminated.reason === "Unknown" && terminated.exitCode === 255)) return undefined;
  const message = terminated.message === undefined ? undefined : redact(terminated.message);
  return defined<TerminatedView>({ exitCode: terminated.exitCode, reason: terminated.reason, message });
}

export function host(object: unknown): HostView {
  const { metadata, status } = object as Live<Node>;
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  return defined<HostView>({
    name: metadata.name,
    ready: ready && ready.status === "True",
    message: ready?.message,
    architecture: status?.nodeInfo?.architecture,
  });
}

export function claim(object: unknown, now: number): ClaimView {
  const { metadata, spec, status } = object as Live<PersistentVolumeClaim>;
  return defined<ClaimView>({
    uid: metadata.uid,
    age: age(metadata, now),
    phase: status?.phase ?? "Pending",
    storageClass: spec?.storageClassName,
  });
}

export function route(object: unknown): RouteView {
  const { metadata, spec, status } = object as Route;
  return defined<RouteView>({
    uid: metadata.uid,
    host: spec?.host,
    ingress: (status?.ingress ?? []).map((ingress) => {
      const admitted = ingress.conditions?.find((condition) => condition.type === "Admitted");
      return defined<RouteView["ingress"][number]>({
        router: ingress.routerName,
        host: ingress.host,
        admitted: admitted?.status,
        reason: admitted?.reason,
        message: admitted?.message,
      });
    }),
  });
}

export function event(object: unknown): EventView {
  const raw = object as Event;
  return defined<EventView>({
    kind: raw.involvedObject?.kind ?? "",
    name: raw.involvedObject?.name ?? "",
    uid: raw.involvedObject?.uid,
    reason: raw.reason ?? "",
    message: redact(raw.message ?? ""),
    count: raw.series?.count ?? raw.count,
    source: raw.source?.component || raw.reportingComponent || undefined,
  });
}
