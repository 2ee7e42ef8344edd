/**
 * How a command is stopped before its end: by Ctrl-C, by a reader that has gone away, by an error that nobody caught. What is at work is told to
 * stop and settles; only then is undone what it had begun, the last first.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../shared/errors";
import { tell } from "../../shared/terminal";
import { type ExitCode, exitCodes, OpsError } from "./exitCodes";

/** Thrown where a command that is to stop would go on. */
export class Stopped extends OpsError {}

let stopping = new AbortController();
/** How many actions are at work that leave something to undo, or a child process. */
let begun = 0;
/** Child processes that were told to end. */
const ending = new Set<{ kill(signal: NodeJS.Signals): boolean }>();
/** What undoes must not be stopped itself. */
const undoing = new AsyncLocalStorage<true>();

/** Runs the action; what must be undone is undone after it has ended, also when the command is stopped. */
export async function withCleanUp<T>(cleanUp: () => Promise<void>, action: () => Promise<T>): Promise<T> {
  throwIfStopped();
  begun++;
  try {
    const result = await action().catch(async (error: unknown) => {
      // The reason counts, and is thrown; what could not be undone for it is told beside it.
      await undoing.run(true, cleanUp).catch(say);
      throw error;
    });
    await undoing.run(true, cleanUp);
    return result;
  } finally {
    begun--;
  }
}

/** Runs what must go on until everything is undone, such as holding a lock. */
export function evenWhileStopping<T>(action: () => T): T {
  return undoing.run(true, action);
}

/**
 * Waits for a child process of a group of its own, which Ctrl-C does not reach: it is told, and ends in order; one that does not is told of each
 * further Ctrl-C.
 */
export async function untilEnded<T>(child: PromiseLike<T> & { kill(signal: NodeJS.Signals): boolean }): Promise<T> {
  const { signal } = stopping;
  const tell = (): void => {
    child.kill("SIGINT");
    ending.add(child);
  };
  if (undoing.getStore() === undefined) signal.addEventListener("abort", tell);
  begun++;
  try {
    return await child;
  } finally {
    begun--;
    ending.delete(child);
    signal.removeEventListener("abort", tell);
  }
}

/** Waits so long, in ms, or until the command is to stop. */
export async function pause(ms: number): Promise<void> {
  if (undoing.getStore() !== undefined) return sleep(ms);
  await sleep(ms, undefined, { signal: stopping.signal }).catch(throwIfStopped);
}

/** Before each step that must not be done any more when the command is to stop. */
export function throwIfStopped(): void {
  if (undoing.getStore() === undefined) stopping.signal.throwIfAborted();
}

/** Why the command is to stop, once it is. */
export function stopReason(): Stopped | undefined {
  return stopping.signal.aborted ? (stopping.signal.reason as Stopped) : undefined;
}

/** Has the command stop; it ends with the first reason that it is given. */
export function stop(message: string, exitCode: ExitCode): void {
  if (!stopping.signal.aborted) stopping.abort(new Stopped(message, exitCode));
}

/** A new command, in a process that has run one. */
export function startAnew(): void {
  stopping = new AbortController();
}

/** From now on signals, closed pipes and uncaught errors stop the command in order. */
export function onInterrupt(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (begun === 0) process.exit(exitCodes.interrupted);
      const again = stopReason() !== undefined;
      // `pulumi` waits for its operations at the first one, and ends at once at the second.
      for (const child of again ? ending : []) child.kill("SIGINT");
      stop("Stopped.", exitCodes.interrupted);
      const what = ending.size > 0 ? "waiting for a command that was told to end" : "undoing what was begun";
      process.stderr.write(again ? `\nstill ${what}\n` : `\nstopping: ${what}\n`);
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      // `ops logs | head` closes the pipe: there is nobody left to write for.
      if (begun === 0) process.exit(exitCodes.fine);
      stop("Nobody reads on.", exitCodes.interrupted);
    });
  }
  process.on("uncaughtException", (error) => {
    if (begun === 0) {
      say(error);
      process.exit(exitCodes.trouble);
    }
    if (stopReason()) say(error);
    stop(messageOf(error), exitCodes.trouble);
  });
}

function say(error: unknown): void {
  tell(`error: ${messageOf(error)}`);
}
