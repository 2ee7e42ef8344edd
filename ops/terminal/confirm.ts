import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { exitCodes, OpsError } from "./exitCodes";

/** Asks on the terminal; without one, `--yes` must say so. */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new OpsError(`${question} Nobody can be asked here: add --yes.`, exitCodes.usage);
  const answer = await answerTo(`${question}\nGo on? [y/N] `, { output: process.stderr });
  if (answer === undefined) process.stderr.write("\n");
  if (!/^y(es)?$/i.test(answer?.trim() ?? "")) throw new OpsError("Nothing was changed.");
}

/** Asks for a secret, which is not shown while it is typed. Only where standard input is a terminal. */
export async function askSecret(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    const answer = await answerTo("", { output: nowhere, terminal: true });
    if (answer === undefined) throw new OpsError("No passphrase was given.", exitCodes.usage);
    return answer;
  } finally {
    process.stderr.write("\n");
  }
}

/** A line of the terminal; undefined where Ctrl-D ends it. */
async function answerTo(
  prompt: string,
  options: { output: NodeJS.WritableStream; terminal?: boolean },
): Promise<string | undefined> {
  const terminal = createInterface({ input: process.stdin, ...options });
  // Readline takes Ctrl-C for itself.
  terminal.on("SIGINT", () => {
    process.stderr.write("\n");
    process.kill(process.pid, "SIGINT");
  });
  const end = new AbortController();
  terminal.on("close", () => end.abort());
  try {
    return await terminal.question(prompt, { signal: end.signal }).catch(() => undefined);
  } finally {
    terminal.close();
  }
}
