import { findSymptom, symptom, type Symptom, told } from "../symptoms";
import type { GateTarget } from "./contract";
import { type Cause, causes, engineExits, excerpt, showsEngineStart } from "./crash";
import { redactLines } from "../text/redact";
import type { ContainerView, PodView, Snapshot, TerminatedView } from "./snapshot";

/** What ended a run, as far as it says so itself. */
export interface Ending {
  symptom: Symptom;
  /** The line that says so, where one is known. */
  root?: string;
  /** That line with a little around it, else the last lines. */
  said: string[];
}

/** How many of a downloader's last lines are judged: what it was doing before says nothing of its end. */
const downloaderLines = 20;

/**
 * The words of the run that ended last: its log where that could be read, else what the kubelet has kept of its end. The lines of a
 * run that has begun since are never among them.
 */
export function endedWords(pod: PodView, container: ContainerView, snapshot: Snapshot): string[] {
  const key = `${pod.name}/${container.name}`;
  const log = (container.running ? snapshot.previousLogs : snapshot.logs)?.[key] ?? [];
  return log.length > 0 ? log : redactLines((container.terminated ?? container.last)?.message ?? "");
}

/** Judges how a container has ended. */
export function ending(container: ContainerView, ended: TerminatedView, words: string[], target: GateTarget): Ending {
  const downloads = container.name === target.downloaderContainer;
  const last = excerpt(words, undefined);
  if (ended.reason === "OOMKilled")
    return { symptom: symptom(downloads ? "downloader-out-of-memory" : "server-oom-killed"), said: last };
  // The kubelet reports a container that could not even be started as ended, with its own reason.
  const start = ended.reason === "StartError" || ended.reason === "ContainerCannotRun";
  const refused =
    (start ? findSymptom("container", { text: words.join("\n"), reason: ended.reason ?? "" }) : undefined) ??
    // What a shell or the kernel says of a file that is no program for this machine.
    findSymptom("container", {
      text: words
        .slice(-3)
        .filter((line) => /exec format error/.test(line))
        .join("\n"),
    });
  if (refused) return { symptom: refused, said: last, ...(last.length > 0 && { root: last.at(-1)! }) };
  if (!downloads) return serverEnding(words, ended);
  const text = words.slice(-downloaderLines).join("\n");
  const row = findSymptom("downloader", { exitCode: ended.exitCode, text }) ?? symptom("downloader-failed");
  return { symptom: row, said: last };
}

/** What a server that has ended says of it, or its exit code. */
function serverEnding(words: string[], { exitCode }: TerminatedView): Ending {
  const { row, cause } = serverCause(words);
  return {
    symptom: row ?? findSymptom("server", { exitCode }) ?? symptom("server-crash-loop"),
    ...(cause && { root: rootLine(cause) }),
    said: excerpt(words, cause?.index),
  };
}

/** Why a server has crashed. */
export interface ServerCause {
  /** The row that knows it. */
  row?: Symptom;
  /** The line that says it. */
  cause?: Cause;
}

/** The log of a run that has ended is looked at again and again. */
const judged = new WeakMap<readonly string[], ServerCause>();

/** Why a server has crashed, by its log. */
export function serverCause(words: readonly string[]): ServerCause {
  const known = judged.get(words) ?? judge(words);
  judged.set(words, known);
  return known;
}

function judge(words: readonly string[]): ServerCause {
  const found = causes(words);
  const first = (among: readonly Cause[], vague: boolean): Required<ServerCause> | undefined => {
    for (const cause of among) {
      const row = findSymptom("server", { text: cause.text });
      if (row && (vague || !row.vague)) return { row: told(row, cause.text), cause };
    }
    return undefined;
  };
  const ends = found.filter(({ traceback, secondary }) => traceback && !secondary);
  const sure = first(ends, false);
  if (sure) return sure;
  // Processes that were killed say nothing themselves; the API server says by which signal.
  const secondary = found.filter((cause) => cause.secondary);
  const signalled = first(secondary, true);
  if (signalled) return signalled;
  const vague = first(ends, true);
  // A traceback that no row knows is the cause all the same: no line beside it is taken for it.
  if (ends[0] && !vague) return { cause: ends[0] };
  const lone = found.filter((cause) => !cause.traceback && !cause.secondary);
  const alone = first(lone, false) ?? vague ?? first(lone, true);
  if (alone) return alone;
  const unknown = lone.find(({ text }) => /^[\w.]*(Error|Exception): /.test(text));
  if (unknown) return { cause: unknown };
  const uninspected = secondary.find(({ text }) => /failed to be inspected/.test(text));
  if (uninspected) return { cause: uninspected };
  const end = secondary.find(({ text }) => /Failed core proc/.test(text)) ?? secondary[0];
  if (!end) return {};
  // The engine is seen to begin, and not to say why it ended.
  const silent = showsEngineStart(words) && engineExits(words) !== undefined;
  if (silent) return { cause: end, row: symptom("server-engine-killed") };
  return { cause: end, ...(/EngineDeadError/.test(end.text) && { row: symptom("server-engine-dead") }) };
}

/** The line that says the cause: of a pydantic error the one that follows it. */
export function rootLine({ text }: Cause): string {
  const [first = "", second = ""] = text.split("\n");
  return (/\d+ validation errors? for /.test(first) && second !== "" ? second : first).trim().slice(0, 400);
}
