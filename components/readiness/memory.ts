import { idle } from "./logs";
import type { Phase } from "./contract";
import type { Rollout } from "./phase";
import type { ContainerView, EventView, PodView, Snapshot } from "./snapshot";

/** What must be remembered between snapshots. */
export interface Memory {
  upSeconds: number;
  /** Seconds that were watched. A lost connection or a suspended laptop does not count. */
  clock: number;
  lastAt?: number;
  /** When each possible doom was first seen, and is seen ever since. */
  since: Map<string, number>;
  /** Causes that the kubelet gave for a failed pull, by pod and container: `ImagePullBackOff` hides them. */
  pullCauses: Map<string, string[]>;
  /** Exits that a container had when the wait began, for pods that are older than the wait. */
  baseline: Map<string, number>;
  /** ReplicaSets, pods and claims that were there before the wait began: what they show may be old. */
  stale: Set<string>;
  /** Pods of the new ReplicaSet that the node has thrown out. */
  thrownOut: Map<string, { reason: string; message: string }>;
  /** Attempts of a ReplicaSet or a pull that failed before the wait began, by event. */
  attempts: Map<string, number>;
  /** Seconds in each phase, by phase and pod. */
  spent: Map<string, number>;
  /** The last line that each container has said while it ran, and since when it says nothing more. */
  quiet: Map<string, { line: string; since: number }>;
  phase?: Phase;
  phaseSince: number;
}

/** The longest time between two snapshots that counts as watched, in seconds. */
const longestGap = 10;
/**
 * @param upSeconds for how many seconds this `up` has been running when the wait begins: an object that is older was not made by it,
 * and what it shows may be a failure that has been mended since
 */
export function newMemory(upSeconds: number): Memory {
  return {
    upSeconds,
    clock: 0,
    since: new Map(),
    pullCauses: new Map(),
    baseline: new Map(),
    stale: new Set(),
    thrownOut: new Map(),
    attempts: new Map(),
    spent: new Map(),
    quiet: new Map(),
    phaseSince: 0,
  };
}

/** How often a container has ended. */
export function exits(container: ContainerView): number {
  const ended = container.terminated ?? (container.running ? undefined : container.last);
  return (container.restarts ?? 0) + (ended ? 1 : 0);
}

/** Key of an event's series: the same failure of the same object. */
export function eventKey(event: { uid?: string; reason: string }): string {
  return `${event.uid ?? ""}/${event.reason}`;
}

/** Counts an object's events of one reason. */
export function attempts(snapshot: Snapshot, uid: string, reason: string): number {
  return snapshot.events
    .filter((event) => event.uid === uid && event.reason === reason)
    .reduce((sum, event) => sum + (event.count ?? 1), 0);
}

/** Whether an event, or its series, has grown since the wait began. */
export function isNew(event: EventView, snapshot: Snapshot, memory: Memory): boolean {
  const uid = event.uid ?? "";
  return !memory.stale.has(uid) || attempts(snapshot, uid, event.reason) > (memory.attempts.get(eventKey(event)) ?? 0);
}

/** Takes a snapshot into the memory; the seconds since the last one are returned. */
export function remember(memory: Memory, snapshot: Snapshot, pods: Rollout): number {
  const first = memory.lastAt === undefined;
  const passed = first ? 0 : Math.min(Math.max(0, snapshot.at - (memory.lastAt ?? 0)) / 1000, longestGap);
  memory.clock += passed;
  memory.lastAt = snapshot.at;
  if (first) rememberStart(memory, snapshot, pods);
  const { current, failed } = pods;
  for (const pod of current) {
    for (const container of pod.containers ?? []) {
      const key = `${pod.uid}/${container.name}`;
      if (container.running || container.terminated) memory.pullCauses.delete(key);
      const waiting = container.waiting;
      rememberLine(memory, pod, container, snapshot);
      if (waiting?.reason === "ErrImagePull" && waiting.message) rememberCause(memory, key, waiting.message);
    }
  }
  for (const pod of failed) {
    memory.thrownOut.set(pod.uid, { reason: pod.reason ?? "Failed", message: pod.message ?? `pod ${pod.name} failed` });
  }
  return passed;
}

function rememberLine(memory: Memory, pod: PodView, container: ContainerView, snapshot: Snapshot): void {
  const key = `${pod.uid}/${container.name}`;
  const line = snapshot.logs[`${pod.name}/${container.name}`]?.findLast((text) => !idle.test(text));
  if (!container.running || line === undefined) memory.quiet.delete(key);
  else if (memory.quiet.get(key)?.line !== line) memory.quiet.set(key, { line, since: memory.clock });
}

function rememberCause(memory: Memory, key: string, message: string): void {
  const causes = memory.pullCauses.get(key) ?? [];
  if (!causes.includes(message)) memory.pullCauses.set(key, [...causes, message]);
}

function rememberStart(memory: Memory, snapshot: Snapshot, { replicaSet, current }: Rollout): void {
  const old = (thing: { age?: number } | undefined): boolean => (thing?.age ?? 0) > memory.upSeconds;
  const uids: string[] = [];
  if (replicaSet && old(replicaSet)) uids.push(replicaSet.uid);
  if (snapshot.claim && old(snapshot.claim)) uids.push(snapshot.claim.uid);
  for (const pod of current) {
    if (!old(pod)) continue;
    uids.push(pod.uid);
    for (const container of pod.containers ?? []) memory.baseline.set(`${pod.uid}/${container.name}`, exits(container));
  }
  for (const uid of uids) memory.stale.add(uid);
  for (const event of snapshot.events) {
    if (event.uid === undefined || !memory.stale.has(event.uid)) continue;
    memory.attempts.set(eventKey(event), attempts(snapshot, event.uid, event.reason));
  }
}
