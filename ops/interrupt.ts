import { messageOf } from "../local/errors";
import { exitCodes } from "./exit";

type CleanUp = () => Promise<void>;

const cleanUps = new Set<CleanUp>();
let ending = false;

/** Runs the action; what must be undone is undone when it ends, also by Ctrl-C. */
export async function withCleanUp<T>(cleanUp: CleanUp, action: () => Promise<T>): Promise<T> {
  cleanUps.add(cleanUp);
  try {
    return await action();
  } finally {
    if (cleanUps.delete(cleanUp)) await cleanUp();
  }
}

/** Ctrl-C ends a command at once, after what it has begun is undone. */
export function onInterrupt(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      void end();
    });
  }
  // `ops logs | head` closes the pipe: there is nobody left to write for.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.fine);
    throw error;
  });
}

async function end(): Promise<void> {
  const all = [...cleanUps].reverse(); // the last begun is the first undone
  cleanUps.clear();
  if (all.length > 0) process.stderr.write("\nstopping: undoing what was begun\n");
  for (const cleanUp of all)
    await cleanUp().catch((error: unknown) => process.stderr.write(`error: ${messageOf(error)}\n`));
  process.exit(exitCodes.interrupted);
}
