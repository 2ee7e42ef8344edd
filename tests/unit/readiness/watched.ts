/** Recorded faults as a cluster tells them over time, watched as `up` watches them, on a clock of its own. */
import assert from "node:assert/strict";
import type { V1Pod } from "@kubernetes/client-node";
import type { Diagnosis } from "../../../components/readiness/diagnose";
import type { Finding } from "../../../components/readiness/finding";
import { watch } from "../../../components/readiness/watch";
import { eventsAt, type NodeRecording, podAt, reportedAt } from "../../recorded/node";
import { type Recording, terminationMessage } from "../../recorded/recordings";
import { type FakeCluster, paths, pod, rolledOut } from "./fakeCluster";
import { defaultLimits, target } from "./play";

/** A cluster that changes, and when it first says that something is wrong. */
export interface Told {
  readonly cluster: FakeCluster;
  /** Brings the cluster to this second. */
  readonly at: (second: number) => void;
  /** Seconds. */
  readonly reported: readonly number[];
}

export interface Judged {
  readonly verdict: Diagnosis["verdict"]["kind"];
  /** What ended the wait, or stands in the way at its end. */
  readonly finding: Finding | undefined;
  /** Seconds since it began. */
  readonly at: number;
}

/** Watches until there is a verdict, or for so many seconds. */
export async function watched({ cluster, at }: Pick<Told, "cluster" | "at">, seconds = 400): Promise<Judged> {
  let clock = 0;
  let last: Diagnosis | undefined;
  const over = new Error("still waiting");
  at(0);
  const begun = watch({
    client: cluster,
    target,
    expected: { uid: "deployment-uid", generation: 2 },
    limits: defaultLimits,
    onDiagnosis: (diagnosis) => (last = diagnosis),
    onLost: (reason) => assert.fail(reason),
    upSeconds: 20,
    now: () => clock,
    sleep: (ms) => {
      clock += ms;
      at(clock / 1000);
      return clock > seconds * 1000 ? Promise.reject(over) : Promise.resolve();
    },
  });
  await begun.catch((error: unknown) => assert.equal(error, over));
  const verdict = last?.verdict ?? { kind: "waiting" };
  return {
    verdict: verdict.kind,
    finding: verdict.kind === "doomed" ? verdict.finding : last?.obstacle,
    at: clock / 1000,
  };
}

const serverLog = `${paths.pods}/vllm-1/log`;
/** Not at a moment at which the watch happens to look. */
const [firstExit, restart, secondExit, readyAt] = [20.3, 30.3, 80.7, 90.1];

/** Status of a pod whose server stands so. */
function serving(state: object, more: object = {}): Record<string, unknown> & { conditions: object[] } {
  const server = { name: "server", ready: false, started: false, restartCount: 0, state, ...more };
  return { phase: "Running", conditions: [{ type: "PodScheduled", status: "True" }], containerStatuses: [server] };
}

const backOff = { waiting: { reason: "CrashLoopBackOff" } };

/** What a kubelet says of a run that ended as this one. */
export function endOf({ lines, exitCode, reason }: Recording): object {
  return { terminated: { exitCode: exitCode ?? 0, reason, message: terminationMessage(lines) } };
}

/** Two runs of the server that end as the recorded one; one that serves, where it did not end by itself. */
export function toldByServer(recording: Recording): Told {
  const cluster = rolledOut([]);
  const { lines, exitCode } = recording;
  const end = endOf(recording);
  const set = (status: Record<string, unknown>, log: string, previous?: string): void => {
    cluster.objects.set(paths.pods, { items: [pod("vllm-1", "new", status)] });
    cluster.texts.set(serverLog, log);
    if (previous === undefined) cluster.previousTexts.delete(serverLog);
    else cluster.previousTexts.set(serverLog, previous);
  };
  const whole = lines.join("\n");
  const crashes = (second: number): void => {
    if (second < firstExit) set(serving({ running: {} }), "");
    else if (second < restart) set(serving(backOff, { lastState: end }), whole, whole);
    else if (second < secondExit) set(serving({ running: {} }, { restartCount: 1, lastState: end }), "", whole);
    else set(serving(backOff, { restartCount: 1, lastState: end }), whole, whole);
  };
  const goesOn = (second: number): void => {
    const said = lines.slice(0, Math.ceil((lines.length * second) / readyAt)).join("\n");
    if (second < readyAt) return set(serving({ running: {} }), said);
    const status = serving({ running: {} }, { ready: true, started: true });
    status.conditions.push({ type: "Ready", status: "True" });
    set(status, said);
  };
  return exitCode === 0 || exitCode === null
    ? { cluster, at: goesOn, reported: [] }
    : { cluster, at: crashes, reported: [firstExit, secondExit] };
}

/** A server that crashed as recorded and waits for its next start, runs again, or serves by now. */
export function crashedServer(recording: Recording, now: "waits" | "runs" | "serves"): FakeCluster {
  const ready = now === "serves" && { ready: true, started: true };
  const status = serving(now === "waits" ? backOff : { running: {} }, {
    restartCount: 2,
    lastState: endOf(recording),
    ...ready,
  });
  if (ready) status.conditions.push({ type: "Ready", status: "True" });
  const cluster = rolledOut([pod("vllm-1", "new", status)]);
  cluster.previousTexts.set(serverLog, recording.lines.join("\n"));
  if (now === "runs") cluster.texts.set(serverLog, "(APIServer pid=1) INFO 11-30 09:00:00 [api_utils.py:286] hello\n");
  return cluster;
}

/** What a real kubelet and the API said, second by second. */
export function toldByNode(recording: NodeRecording): Told {
  const cluster = rolledOut([]);
  const { name = "" } = recording.pod.metadata ?? {};
  const container = recording.fault.startsWith("server-") ? "server" : "model-downloader";
  const { current, previous } = recording.logs[container] ?? {};
  // The next run may have begun between the last status and the look at the logs, and have said nothing yet.
  const ended = current || previous;
  if (previous !== undefined) cluster.previousTexts.set(`${paths.pods}/${name}/log`, previous);
  const ownerReferences = [{ uid: "new", kind: "ReplicaSet", controller: true }];
  const at = (second: number): void => {
    const now = podAt(recording, second) as V1Pod;
    const all = [...(now.status?.initContainerStatuses ?? []), ...(now.status?.containerStatuses ?? [])];
    const runs = all.some(({ name: each, state }) => each === container && state?.running);
    if (ended !== undefined) cluster.texts.set(`${paths.pods}/${name}/log`, runs ? "" : ended);
    // Made a moment before this `up` looked.
    const metadata = { ...now.metadata, creationTimestamp: "2026-01-01T00:00:58Z", ownerReferences };
    cluster.objects.set(paths.pods, { items: [{ ...now, metadata }] });
    cluster.objects.set(paths.events, { items: eventsAt(recording, second) });
  };
  return { cluster, at, reported: [reportedAt(recording)] };
}
