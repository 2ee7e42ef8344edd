/** A wait that SIGINT and SIGTERM end. */
export interface Interruption {
  sleep(ms: number): Promise<void>;
  dispose(): void;
}

/** What the user reads when the wait was stopped. */
export const stoppedText =
  "stopped waiting, as asked; the start-up goes on in the cluster, and the next `pulumi up` waits for it again";

/** How long the engine has to take the hook's answer before the program ends, in ms. */
const answerMs = 1000;

/**
 * On SIGINT the CLI asks the language host to cancel, and the language host sends SIGINT to this process (a terminal sends it to all
 * of them). Left alone it would die in the middle of a call, and the engine would report a lost connection instead of a reason.
 * A program whose parent has died has nobody left to answer and ends as well.
 */
export function interruption(): Interruption {
  const controller = new AbortController();
  const parent = process.ppid;
  const stop = (): void => {
    controller.abort(new Error(stoppedText));
    setTimeout(() => process.exit(130), answerMs).unref();
  };
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM"];
  for (const signal of signals) process.on(signal, stop);
  return {
    sleep: (ms) =>
      new Promise((resolve, reject) => {
        if (process.ppid !== parent) stop();
        const { signal } = controller;
        if (signal.aborted) return reject(signal.reason as Error);
        const ended = (): void => {
          clearTimeout(timer);
          reject(signal.reason as Error);
        };
        const timer = setTimeout(() => {
          signal.removeEventListener("abort", ended);
          resolve();
        }, ms);
        signal.addEventListener("abort", ended, { once: true });
      }),
    dispose: () => {
      for (const signal of signals) process.removeListener(signal, stop);
    },
  };
}
