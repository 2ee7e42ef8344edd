import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { exitCodes, OpsError } from "./exitCodes";

/** Asks on the terminal; without one, `--yes` must say so. */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new OpsError(`${question} Nobody can be asked here: add --yes.`, exitCodes.usage);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Readline takes Ctrl-C for itself.
  terminal.on("SIGINT", () => {
    process.stderr.write("\n");
    process.kill(process.pid, "SIGINT");
  });
  // Ctrl-D is an answer, too: it is none.
  const nothing = new AbortController();
  terminal.on("close", () => nothing.abort());
  try {
    const answer = await terminal.question(`${question}\nGo on? [y/N] `, { signal: nothing.signal }).catch(() => {
      process.stderr.write("\n");
      return "";
    });
    if (!/^y(es)?$/i.test(answer.trim())) throw new OpsError("Nothing was changed.");
  } finally {
    terminal.close();
  }
}

/** Asks for a secret, which is not shown while it is typed. Only where standard input is a terminal. */
export async function askSecret(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  terminal.on("SIGINT", () => {
    process.stderr.write("\n");
    process.kill(process.pid, "SIGINT");
  });
  const nothing = new AbortController();
  terminal.on("close", () => nothing.abort());
  try {
    return await terminal.question("", { signal: nothing.signal }).catch(() => {
      throw new OpsError("No passphrase was given.", exitCodes.usage);
    });
  } finally {
    process.stderr.write("\n");
    terminal.close();
  }
}
