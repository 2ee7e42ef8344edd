import { join } from "node:path";
import { UserError } from "../../shared/errors";
import { isAlive, tryLock, unlock, type Identity } from "../../shared/lock.mjs";
import { log } from "../log";
import { defaultStateDir } from "../paths";
import { endProcesses } from "../../shared/processes";
import { endLeftover } from "../pulumi/run";
import { starters } from "../starters";

/** What the lock says of the command that holds it. */
interface Holder extends Identity {
  starters?: Identity[];
}

/** Runs a command that changes the cluster or the stack, if no other one does; first ends what a killed one has left. */
export async function exclusive<T>(action: () => Promise<T>): Promise<T> {
  const file = join(defaultStateDir, "command.lock");
  for (;;) {
    const holder: Holder | undefined = tryLock(file, { starters: starters() });
    if (!holder) break;
    if (holder.starters?.every(isAlive) ?? true) {
      throw new UserError(
        `Another \`npm run local\` (process ${holder.pid}) is at work in this clone. Wait for it to end, or end it with Ctrl-C there.`,
      );
    }
    log(`ending process ${holder.pid}, which a killed \`npm run local\` has left`);
    await endProcesses([holder.pid], 30_000);
  }
  try {
    const leftover = await endLeftover(defaultStateDir);
    if (leftover !== undefined) log(`ended process ${leftover}, a pulumi that a killed run has left`);
    return await action();
  } finally {
    unlock(file);
  }
}
