import { symptom } from "../symptoms";
import type { GateTarget } from "./contract";
import { engineDied, excerpt } from "./crash";
import { endedWords, ending, rootLine, serverCause } from "./exits";
import type { Finding } from "./finding";
import { patience } from "./kubelet";
import { exits, type Memory } from "./memory";
import type { ContainerView, PodView, Snapshot, TerminatedView } from "./snapshot";

/** What a container's runs show: how the last one ended, and whether the one that goes on can still succeed. */
export function runFindings(
  pod: PodView,
  container: ContainerView,
  snapshot: Snapshot,
  memory: Memory,
  target: GateTarget,
): Finding[] {
  return [
    ...exitFinding(pod, container, snapshot, memory, target),
    ...(container.name === target.serverContainer ? runningFindings(pod, container, snapshot, memory) : []),
  ];
}

function exitFinding(
  pod: PodView,
  container: ContainerView,
  snapshot: Snapshot,
  memory: Memory,
  target: GateTarget,
): Finding[] {
  const ended = container.terminated ?? container.last;
  if (!ended || (container.init && ended.exitCode === 0) || container.ready) return [];
  const count = exits(container);
  const before = memory.baseline.get(`${pod.uid}/${container.name}`) ?? 0;
  const { symptom: row, root, said } = ending(container, ended, endedWords(pod, container, snapshot), target);
  const evidence =
    exitText(container, ended, root) + (row.id === "wrong-architecture" ? where(pod, container, snapshot) : "");
  const found = { symptom: row, evidence, said, ...(root !== undefined && { root }) };
  if (count <= before || row.doom === "never") return [{ ...found, patience: Infinity }];
  // A process that was told to stop (143) or killed from outside (137) may well succeed when it is started again.
  const killed = (ended.exitCode === 143 || ended.exitCode === 137) && ended.reason !== "OOMKilled";
  const needed = killed ? 3 : row.doom === "at-once" ? 1 : 2;
  const trying = container.running === true && row.doom !== "at-once";
  // A container that could not even be started is tried again soon, and what it lacks on its node may be there by then.
  const unstarted = ended.reason === "StartError" || ended.reason === "ContainerCannotRun";
  if (unstarted && row.doom !== "at-once")
    return [{ ...found, patience: row.doom === "repeated" && count >= needed ? patience.other : Infinity }];
  return [{ ...found, patience: count >= needed && !trying ? 0 : Infinity }];
}

function exitText({ name }: ContainerView, ended: TerminatedView, root: string | undefined): string {
  const why = ended.reason && ended.reason !== "Error" ? ` (${ended.reason})` : "";
  return `container ${name} ended with exit code ${ended.exitCode}${why}${root === undefined ? "" : `: ${root}`}`;
}

/** Which image ran on which node. */
function where(pod: PodView, { image }: ContainerView, { host }: Snapshot): string {
  const architecture = host?.architecture === undefined ? "" : `, ${host.architecture}`;
  return ` (${image === undefined ? "" : `image ${image} `}on node ${pod.node ?? "?"}${architecture})`;
}

/** How long a server may go on after its engine has ended: as a rule it ends within seconds, and says more then. */
const deadSeconds = { known: 3, unknown: 60 };
/** How long the log of a start on several GPUs may say nothing, in seconds. Loading a large shard or compiling takes minutes, too. */
const stillSeconds = 300;

function runningFindings(pod: PodView, container: ContainerView, snapshot: Snapshot, memory: Memory): Finding[] {
  if (!container.running || container.ready) return [];
  const key = `${pod.name}/${container.name}`;
  const log = snapshot.logs[key] ?? [];
  if (engineDied(log)) {
    const { row, cause } = serverCause(log);
    const root = cause && rootLine(cause);
    const found = { said: excerpt(log, cause?.index), ...(root !== undefined && { root }) };
    const evidence = `container ${container.name} runs on without its engine: ${root ?? "its log does not say why"}`;
    const patience = row?.doom === "at-once" ? deadSeconds.known : deadSeconds.unknown;
    return [{ symptom: row ?? symptom("server-engine-dead"), evidence, ...found, patience }];
  }
  const quiet = snapshot.quiet?.[key] ?? watchedQuiet(memory, pod, container);
  if (quiet === undefined || quiet.seconds < stillSeconds || !severalGpus(log)) return [];
  const evidence = `the log of container ${container.name} has said nothing for ${quiet.seconds} s after: ${quiet.line}`;
  return [{ symptom: symptom("server-standing-still"), evidence, patience: Infinity }];
}

/** For how long it has said nothing as far as this wait has seen, where the log does not tell its times. */
function watchedQuiet(
  memory: Memory,
  pod: PodView,
  container: ContainerView,
): { line: string; seconds: number } | undefined {
  const quiet = memory.quiet.get(`${pod.uid}/${container.name}`);
  return quiet && { line: quiet.line, seconds: Math.round(memory.clock - quiet.since) };
}

/** Whether a server was started on more than one GPU. */
function severalGpus(log: readonly string[]): boolean {
  return log.some((line) =>
    /\bworld_size=([2-9]|\d\d)|tensor_parallel_size=([2-9]|\d\d)|\(Worker_(TP|PP|DP)\d*[1-9]/.test(line),
  );
}
