import { ApiError } from "../cluster/apiError";
import type { ClusterReader } from "../cluster/client";
import { redactLines } from "../text/redact";
import type { GateTarget } from "./contract";
import type { ContainerView, Snapshot } from "./snapshot";

/** Logs of runs that have ended, by container and run: they change no more. */
export type KeptLogs = Map<string, string[]>;

/** Runs a read that the cluster may forbid. */
export type Allowed = <T>(right: string, read: () => Promise<T>) => Promise<T | undefined>;

interface Part {
  lines: number;
  bytes: number;
}

/** Of a run that goes on: enough for a crash that its process outlives. */
const runningPart: Part = { lines: 400, bytes: 256 * 1024 };
/** Of a run that has ended: a worker's crash was met 120 lines above the end, and each further worker adds its own words. */
const endedPart: Part = { lines: 2000, bytes: 1024 * 1024 };

/** The logs of containers that run and are not ready, or have failed; of one that runs again, ready or not, what the run before said. */
export async function readLogs(
  reader: ClusterReader,
  target: GateTarget,
  snapshot: Snapshot,
  allowed: Allowed,
  kept: KeptLogs,
  now: number,
): Promise<void> {
  const wanted = snapshot.pods.flatMap((pod) =>
    pod.terminating ? [] : (pod.containers ?? []).filter(speaks).map((container) => ({ pod, container })),
  );
  await Promise.all(
    wanted.flatMap(({ pod, container }) => {
      const key = `${pod.name}/${container.name}`;
      const path = `/api/v1/namespaces/${target.namespace}/pods/${pod.name}/log`;
      const read = async (into: Record<string, string[]>, previous: boolean): Promise<void> => {
        const query = { container: container.name, ...(previous && { previous: "true" }) };
        const lines = await allowed("get pods/log", () => end(reader, path, query, endedPart));
        if (lines) into[key] = redactLines(lines.join("\n"));
      };
      const readRunning = async (): Promise<void> => {
        const query = { container: container.name, timestamps: "true" };
        const lines = await allowed("get pods/log", () => end(reader, path, query, runningPart));
        if (!lines) return;
        const told = lines.map(stamped);
        snapshot.logs[key] = redactLines(told.map(({ text }) => text).join("\n"));
        const last = told.findLast(({ text }) => text.trim() !== "" && !idle.test(text));
        const line = redactLines(last?.text ?? "").at(-1);
        if (last?.at === undefined || line === undefined) return;
        (snapshot.quiet ??= {})[key] = { line, seconds: Math.max(0, Math.round((now - last.at) / 1000)) };
      };
      const readEnded = async (into: Record<string, string[]>, previous: boolean): Promise<void> => {
        // A run that ends between two looks is another one, and so is its log.
        const run = `${pod.uid}/${container.name}/${(container.restarts ?? 0) - (container.running ? 1 : 0)}`;
        const known = kept.get(run);
        if (known) into[key] = known;
        else await read(into, previous);
        // Where the next run has begun meanwhile, the log that came is that one's.
        if (into[key] && !endsAs(into[key], container.terminated ?? container.last)) delete into[key];
        if (into[key]) kept.set(run, into[key]);
      };
      const previousLogs = (snapshot.previousLogs ??= {});
      if (container.terminated) return [readEnded(snapshot.logs, false)];
      // A container that waits for its next start has its words in the last run's log.
      if (!container.running) return [readEnded(snapshot.logs, true)];
      return [
        ...(container.ready ? [] : [readRunning()]),
        ...(failed(container.last) ? [readEnded(previousLogs, true)] : []),
      ];
    }),
  );
}

/** Lines that only say that the wait goes on. */
export const idle = /No available shared memory broadcast block|Waiting for \d+ local/;

/** A line of a log that was asked for with times, and when it was written. */
function stamped(line: string): { text: string; at?: number } {
  const [whole = "", time = ""] = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) /.exec(line) ?? [];
  const at = Date.parse(time);
  return Number.isNaN(at) ? { text: line } : { text: line.slice(whole.length), at };
}

function speaks(container: ContainerView): boolean {
  if (container.ready === true) return container.running === true && failed(container.last);
  return container.running === true || failed(container.terminated ?? container.last);
}

function failed(ended: ContainerView["last"]): boolean {
  return ended !== undefined && ended.exitCode !== 0;
}

/** Whether a log can be the one whose end the kubelet has kept as termination message (`FallbackToLogsOnError`). */
function endsAs(lines: readonly string[], ended: ContainerView["last"]): boolean {
  const said = redactLines(ended?.message ?? "").at(-1);
  return said === undefined || lines.some((line) => line.endsWith(said));
}

/**
 * The end of a log. A kubelet counts `limitBytes` from the first of the last lines on, so a limit that is reached cuts the end off:
 * fewer lines are asked for then.
 */
async function end(
  reader: ClusterReader,
  path: string,
  query: Record<string, string>,
  { lines, bytes }: Part,
): Promise<string[] | undefined> {
  const part = { tailLines: String(lines), limitBytes: String(bytes) };
  const text = await logText(reader, path, { ...query, ...part });
  if (text === undefined) return undefined;
  if (Buffer.byteLength(text) >= bytes && lines > 1)
    return end(reader, path, query, { lines: Math.ceil(lines / 4), bytes });
  return text.split("\n");
}

/** A log that cannot be had at this moment (the container is being replaced, the node does not answer) is no reason to stop. */
async function logText(
  reader: ClusterReader,
  path: string,
  query: Record<string, string>,
): Promise<string | undefined> {
  try {
    return await reader.text(path, query);
  } catch (error) {
    if (error instanceof ApiError && error.status !== 403 && error.status !== 401) return undefined;
    throw error;
  }
}
