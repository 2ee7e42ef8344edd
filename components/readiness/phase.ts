import type { Expected, GateTarget, Phase } from "./contract";
import type { Condition, ContainerView, PodView, ReplicaSetView, Snapshot } from "./snapshot";

/** The pods of one snapshot, told apart. */
export interface Rollout {
  replicaSet?: ReplicaSetView;
  /** Pods of the new ReplicaSet that live. */
  current: PodView[];
  /** Pods that must still go: of an older ReplicaSet, or terminating. */
  leaving: PodView[];
  /** Pods of the new ReplicaSet that the node has thrown out. */
  failed: PodView[];
}

/** A phase with a word on where it stands. */
export interface Standing {
  phase: Phase;
  detail: string;
  pod?: PodView;
  /** A queue holds the pod back on purpose: no limit runs meanwhile. */
  held?: true;
}

const order: readonly Phase[] = ["scheduling", "pulling", "downloading", "loading", "probing", "ready"];

/** Whether the write that `up` made is the one that the Deployment controller now works on. */
export function observed(snapshot: Snapshot, expected: Expected): boolean {
  const deployment = snapshot.deployment;
  return (
    deployment !== undefined &&
    deployment.uid === expected.uid &&
    deployment.observedGeneration >= Math.max(deployment.generation, expected.generation)
  );
}

/** Tells the new ReplicaSet's pods from those that must go. */
export function rollout(snapshot: Snapshot): Rollout {
  const replicaSet = snapshot.replicaSets.find((candidate) => candidate.current);
  // Without the right to list ReplicaSets the Deployment's counters tell whether a pod of an older one is left.
  const { updatedReplicas = 0, totalReplicas = 0 } = snapshot.deployment ?? {};
  const allNew = snapshot.missingRights.includes("list replicasets") && updatedReplicas >= totalReplicas;
  const ours = (pod: PodView): boolean =>
    replicaSet === undefined ? allNew && pod.owner !== undefined : pod.owner === replicaSet.uid;
  const ended = (pod: PodView): boolean => pod.phase === "Failed" || pod.phase === "Succeeded";
  return {
    ...(replicaSet && { replicaSet }),
    current: snapshot.pods.filter((pod) => ours(pod) && !pod.terminating && !ended(pod)),
    // A pod of no ReplicaSet, such as a Job's with the same label, is none that the Deployment takes away.
    leaving: snapshot.pods.filter(
      (pod) => pod.owner !== undefined && (pod.terminating === true || (!ours(pod) && !ended(pod))),
    ),
    failed: snapshot.pods.filter((pod) => ours(pod) && pod.phase === "Failed"),
  };
}

/** Where the start-up stands, whether or not it can succeed. */
export function standing(
  snapshot: Snapshot,
  target: GateTarget,
  expected: Expected,
  pods: Rollout = rollout(snapshot),
): Standing {
  if (!observed(snapshot, expected)) {
    return { phase: "rollout", detail: `the Deployment controller has not taken up ${target.deployment} yet` };
  }
  const replicas = snapshot.deployment?.replicas ?? 1;
  if (snapshot.missingRights.includes("list pods")) return withoutPods(snapshot, target, replicas);
  if (pods.current.length === 0) {
    if (pods.leaving.length > 0) return replacing(pods.leaving);
    const which = pods.replicaSet ? `ReplicaSet ${pods.replicaSet.name} has made no pod yet` : "no ReplicaSet yet";
    return { phase: pods.replicaSet ? "scheduling" : "rollout", detail: which };
  }
  const least = pods.current
    .map((pod) => podStanding(pod, snapshot, target))
    .reduce((a, b) => (order.indexOf(b.phase) < order.indexOf(a.phase) ? b : a));
  if (least.phase !== "ready") return least;
  if (pods.current.length < replicas) {
    return { phase: "scheduling", detail: `${pods.current.length} of ${replicas} pods exist` };
  }
  if (pods.leaving.length > 0) return replacing(pods.leaving);
  return afterPods(snapshot, target, least.pod);
}

function replacing(leaving: PodView[]): Standing {
  return { phase: "replacing", detail: `old pod ${leaving.map((pod) => pod.name).join(", ")} is stopping` };
}

function afterPods(snapshot: Snapshot, target: GateTarget, pod?: PodView): Standing {
  const at = pod && { pod };
  if (snapshot.claim && snapshot.claim.phase !== "Bound") {
    return { phase: "rollout", detail: `claim ${target.claim} is ${snapshot.claim.phase}`, ...at };
  }
  if (unadmitted(snapshot, target)) {
    const { host = "?", ingress = [] } = snapshot.route ?? {};
    const elsewhere = ingress.find((router) => router.admitted === "True")?.host;
    const stands = elsewhere === undefined ? "is not admitted yet" : `is exposed as ${elsewhere}, not as ${host}`;
    return { phase: "route", detail: `Route ${target.route ?? ""} ${stands}`, ...at };
  }
  return { phase: "ready", detail: pod ? `pod ${pod.name} is Ready` : "the pods are available", ...at };
}

/** Whether a router that exposes a Route as one host serves it at the host that its spec says. */
export function servesAs(exposed: string | undefined, host: string | undefined): boolean {
  return exposed === undefined || host === undefined || exposed === host;
}

/** Whether no router has admitted the Route with its host. One that may not be read is not judged. */
export function unadmitted(snapshot: Snapshot, target: GateTarget): boolean {
  if (target.route === undefined || snapshot.missingRights.includes("get routes")) return false;
  const { host, ingress = [] } = snapshot.route ?? {};
  return !ingress.some((router) => router.admitted === "True" && servesAs(router.host, host));
}

/** Without the right to list pods the Deployment's own counters have to do. */
function withoutPods(snapshot: Snapshot, target: GateTarget, replicas: number): Standing {
  const { updatedReplicas = 0, availableReplicas = 0, totalReplicas = 0 } = snapshot.deployment ?? {};
  if (updatedReplicas >= replicas && availableReplicas >= replicas && totalReplicas <= replicas) {
    return afterPods(snapshot, target);
  }
  return { phase: "loading", detail: `${availableReplicas} of ${replicas} pods available` };
}

function podStanding(pod: PodView, snapshot: Snapshot, target: GateTarget): Standing {
  const scheduled = schedulerSays(pod);
  if (pod.node === undefined && scheduled?.status !== "True") {
    const held = scheduled?.reason === "SchedulingGated" && { held: true as const };
    return { phase: "scheduling", detail: scheduled?.message ?? `pod ${pod.name} waits for a node`, pod, ...held };
  }
  if (pod.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True")) {
    return { phase: "ready", detail: `pod ${pod.name} is Ready`, pod };
  }
  const init = (pod.containers ?? []).filter((container) => container.init);
  const pending = init.find((container) => container.terminated?.exitCode !== 0);
  if (pending) {
    const begun = hasBegun(pending);
    if (!begun) return { phase: "pulling", detail: waitingFor(pending), pod };
    if (pending.name !== target.downloaderContainer) {
      return { phase: "pulling", detail: `init container ${pending.name} is running`, pod };
    }
    return {
      phase: "downloading",
      detail: lastLine(snapshot, pod, pending, /^model-downloader: /) ?? state(pending),
      pod,
    };
  }
  const server = (pod.containers ?? []).find((container) => container.name === target.serverContainer);
  if (!server || !hasBegun(server)) {
    return { phase: "pulling", detail: server ? waitingFor(server) : "the containers are being created", pod };
  }
  const said = lastLine(snapshot, pod, server);
  if (server.running && server.started === true) {
    const detail = notReady(snapshot, pod) ?? said ?? "the server has started, the readiness probe does not pass yet";
    return { phase: "probing", detail, pod };
  }
  return { phase: "loading", detail: said ?? state(server), pod };
}

/**
 * What the scheduler says of a pod that has no node. One that has a node may keep the condition of an attempt that came too late: seen of
 * kube-scheduler 1.34.2 ("SchedulerError").
 */
export function schedulerSays({
  node,
  conditions,
}: {
  readonly node?: string | undefined;
  readonly conditions?: readonly Condition[] | undefined;
}): Condition | undefined {
  return node === undefined ? conditions?.find(({ type }) => type === "PodScheduled") : undefined;
}

/** What the kubelet says of a readiness probe that does not pass: of a server that has started, its own last line tells nothing. */
export function notReady({ events }: Snapshot, pod: PodView | undefined): string | undefined {
  return events.findLast(({ uid, message }) => uid === pod?.uid && /^Readiness probe/.test(message))?.message;
}

function hasBegun(container: ContainerView): boolean {
  return container.running === true || container.terminated !== undefined || container.last !== undefined;
}

function waitingFor(container: ContainerView): string {
  const reason = container.waiting?.reason;
  return `${container.name}: ${reason === undefined || reason === "PodInitializing" ? "waiting for its image" : reason}`;
}

function state(container: ContainerView): string {
  if (container.running) return `${container.name} is running`;
  const ended = container.terminated ?? container.last;
  return `${container.name}: ${container.waiting?.reason ?? "ended"}${ended ? ` (exit code ${ended.exitCode})` : ""}`;
}

/** What the container said last, while it runs, without what only a log needs. */
function lastLine(snapshot: Snapshot, pod: PodView, container: ContainerView, own = /./): string | undefined {
  if (!container.running) return undefined;
  // What a library prints between the downloader's own lines is no progress.
  const line = snapshot.logs[`${pod.name}/${container.name}`]?.findLast((text) => own.test(text));
  return line
    ?.replace(/^model-downloader: (downloading )?/, "")
    .replace(/^\(\w+ pid=\d+\)\s*/, "")
    .replace(/^(INFO|WARNING|ERROR)( \d\d-\d\d \d\d:\d\d:\d\d)? \[[^\]]*\]\s*/, "")
    .slice(0, 160);
}
