import { ApiError } from "../cluster/apiError";
import type { ClusterClient } from "../cluster/client";
import { causeText } from "../cluster/trouble";
import { marked } from "./calls";
import type { Expected, GateLimits, GateTarget } from "./contract";
import { type Diagnosis, step } from "./diagnose";
import { newMemory } from "./memory";
import { rollout } from "./phase";
import { nothingKept, readSnapshot } from "./read";
import type { Snapshot } from "./snapshot";
import { wakeRefused } from "./wake";

/** What the watch is given besides the target; the tests put their own clock and cluster here. */
export interface WatchOptions {
  client: ClusterClient;
  target: GateTarget;
  expected: Expected;
  limits: GateLimits;
  /** Called after each look. */
  onDiagnosis: (diagnosis: Diagnosis, snapshot: Snapshot) => void;
  /** Called while the cluster does not answer, with the reason and for how many seconds. */
  onLost: (reason: string, seconds: number) => void;
  /** Seconds since this `up` began. */
  upSeconds: number;
  now: () => number;
  /** Waits; rejects when the wait is to end. */
  sleep: (ms: number) => Promise<void>;
}

/** For how long the cluster may not answer before the wait ends, in seconds. */
const lostSeconds = 300;

/** Looks at the cluster until the start-up is ready or doomed. Polling needs no repair after a lost connection or an expired watch. */
export async function watch(options: WatchOptions): Promise<{ diagnosis: Diagnosis; snapshot: Snapshot }> {
  const { target, expected, limits, now, sleep } = options;
  const { client, transient } = marked(options.client);
  const memory = newMemory(options.upSeconds);
  const kept = nothingKept();
  let lostSince: number | undefined;
  for (;;) {
    const began = now();
    let judging = false;
    try {
      const snapshot = await readSnapshot(client, target, began, kept);
      lostSince = undefined;
      const first = memory.lastAt === undefined;
      const pods = rollout(snapshot);
      const diagnosis = step(memory, snapshot, target, expected, limits, pods);
      judging = (diagnosis.obstacle?.patience ?? Infinity) < 60;
      options.onDiagnosis(diagnosis, snapshot);
      if (diagnosis.verdict.kind !== "waiting") return { diagnosis, snapshot };
      if (first) await wakeRefused(client, target, memory, snapshot, pods);
    } catch (error) {
      if (error instanceof ApiError && error.status === 403) throw rightsError(error, target);
      if (!transient(error)) throw error instanceof ApiError ? error : programError(error, target);
      lostSince ??= began;
      const seconds = Math.round((now() - lostSince) / 1000);
      const reason = causeText(error);
      if (seconds > lostSeconds)
        throw new Error(`The cluster has not answered for ${seconds} s: ${reason}`, { cause: error });
      options.onLost(reason, seconds);
    }
    await sleep(pause(memory.clock - memory.phaseSince, judging));
  }
}

/** A short pause after a change, when more follows soon; a longer one once a phase lasts and nothing is in the way. */
function pause(phaseSeconds: number, judging: boolean): number {
  return Math.min(judging ? 500 : 2000, Math.max(250, phaseSeconds * 100));
}

/** A mistake in this program is neither the cluster's fault nor the user's: it ends the wait, with what a report of it needs. */
function programError(error: unknown, { component }: GateTarget): Error {
  const { stack = String(error) } = error instanceof Error ? error : {};
  const [what = "", where = ""] = stack.split(/\n\s+at /);
  return new Error(
    `Cannot judge whether ${component} becomes ready, by a mistake in this program itself: ${what}${where && ` (at ${where})`}. The ` +
      "start-up goes on in the cluster; please report this line to the program's maintainers.",
    { cause: error },
  );
}

function rightsError(error: ApiError, target: GateTarget): Error {
  return new Error(
    `Cannot see whether ${target.component} becomes ready: ${error.message}. The account needs the right to get deployments in ` +
      `namespace '${target.namespace}'; ask its admin for the role 'view' or 'edit'.`,
  );
}
