import { join } from "node:path";
import { UserError } from "../errors";
import { tryLock, unlock } from "../lock.mjs";
import { log } from "../log";
import { defaultStateDir } from "../paths";
import { endLeftover } from "../pulumi/run";

/** Runs a command that changes the cluster or the stack, if no other one does; first ends what a killed one has left. */
export async function exclusive<T>(action: () => Promise<T>): Promise<T> {
  const file = join(defaultStateDir, "command.lock");
  const holder = tryLock(file);
  if (holder) {
    throw new UserError(
      `Another \`npm run local\` (process ${holder.pid}) is at work in this clone. Wait for it to end, or end it with Ctrl-C there.`,
    );
  }
  try {
    const leftover = await endLeftover(defaultStateDir);
    if (leftover !== undefined) log(`ended process ${leftover}, a pulumi that a killed run had left`);
    return await action();
  } finally {
    unlock(file);
  }
}
