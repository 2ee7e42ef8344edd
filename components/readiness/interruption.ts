/** A wait that SIGINT and SIGTERM end. */
export interface Interruption {
  /** The work's result; rejects at once when the wait is to end, whatever the work is waiting for. */
  race<T>(work: Promise<T>): Promise<T>;
  sleep(ms: number): Promise<void>;
  dispose(): void;
}

/** What the user reads when the wait was stopped. */
export const stoppedText =
  "stopped waiting, as asked; the start-up goes on in the cluster, and the next `pulumi up` waits for it again";

const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];
/** How often to look whether somebody still listens, in ms. */
const orphanCheckMs = 2000;

/**
 * On SIGINT the CLI asks the language host to cancel, the language host sends SIGINT to this process, and the engine waits for the
 * hook's answer. Left alone the process would die, and the engine would report a lost connection instead of a reason. A program whose
 * CLI was killed has nobody left to answer, and ends too.
 */
export function interruption(): Interruption {
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new Error(stoppedText));
  });
  // Nobody may be waiting at the moment; the next race rejects all the same.
  stopped.catch(() => undefined);
  const parent = process.ppid;
  const orphanCheck = setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, orphanCheckMs).unref();
  for (const signal of signals) process.on(signal, stop);
  return {
    race: (work) => Promise.race([work, stopped]),
    sleep: (ms) => Promise.race([new Promise<void>((resolve) => setTimeout(resolve, ms)), stopped]),
    dispose: () => {
      clearInterval(orphanCheck);
      for (const signal of signals) process.removeListener(signal, stop);
    },
  };
}
