import { createInterface } from "node:readline/promises";
import { exitCodes, OpsError } from "./exit";

/** Asks on the terminal; without one, `--yes` must say so. */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new OpsError(`${question} Nobody can be asked here: add --yes.`, exitCodes.usage);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Readline takes Ctrl-C for itself.
  terminal.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new OpsError("Nothing was changed.");
  } finally {
    terminal.close();
  }
}
