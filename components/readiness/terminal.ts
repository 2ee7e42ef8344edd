import { closeSync, openSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Whether somebody watches the CLI's live display. The CLI does not tell its programs, whose own output goes to the language host; but
 * where the system shows the processes above this one, the CLI among them is seen to write to a terminal, to a pipe or to a file.
 * Elsewhere a terminal of the session has to do, which a pipe behind the CLI does not take away.
 */
export function onTerminal(proc = "/proc", pid = process.ppid): boolean {
  // The CLI shows no live display in CI, whose machines have terminals now and then. It is no setting of the stack's.
  // eslint-disable-next-line no-restricted-properties
  if (process.env["CI"]) return false;
  try {
    return cliOnTerminal(proc, pid) ?? hasTerminal();
  } catch {
    // No such folder, or a process of somebody else's.
    return hasTerminal();
  }
}

function cliOnTerminal(proc: string, pid: number): boolean | undefined {
  for (let ancestor = pid, steps = 0; ancestor > 1 && steps < 8; steps++) {
    const [program = "", ...args] = readFileSync(`${proc}/${ancestor}/cmdline`, "utf8").split("\0");
    if (/(^|\/)pulumi$/.test(program)) {
      const output = readlinkSync(`${proc}/${ancestor}/fd/1`);
      return /^\/dev\/(pts\/|tty|console)/.test(output) && !args.includes("--non-interactive");
    }
    // `pid (name) state ppid …`, and a name may hold parentheses.
    const stat = readFileSync(`${proc}/${ancestor}/stat`, "utf8");
    ancestor = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  }
  return undefined;
}

function hasTerminal(): boolean {
  if (process.platform === "win32") return true;
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
