import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Whether somebody watches the CLI's live display. The CLI does not tell its programs, whose own output goes to the language host; but
 * where the system shows the processes above this one, the CLI among them is seen to read from and to write to a terminal or not, and
 * judged by its own rule. Elsewhere a terminal of the session has to do, which a pipe behind the CLI does not take away.
 * https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/go/common/util/cmdutil/console.go
 */
export function onTerminal(proc = "/proc", pid = process.ppid): boolean {
  // The CLI shows no live display in CI, whose machines have terminals now and then, nor on a terminal that can do nothing. `npm run local`
  // says that it has asked for none, which is not seen where the system does not show processes. The stack has no setting for it.
  // eslint-disable-next-line no-restricted-properties
  const { CI, TERM, VLLM_INFERENCE_DISPLAY } = process.env;
  if (CI || TERM?.toLowerCase() === "dumb" || VLLM_INFERENCE_DISPLAY === "lines") return false;
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
      const open = readdirSync(`${proc}/${ancestor}/fd`);
      const isTerminal = (fd: string): boolean =>
        open.includes(fd) && /^\/dev\/(pts\/|tty|console)/.test(readlinkSync(`${proc}/${ancestor}/fd/${fd}`));
      // https://pkg.go.dev/strconv#ParseBool
      return (
        isTerminal("0") && isTerminal("1") && !args.some((word) => /^--non-interactive(=(1|t|true))?$/i.test(word))
      );
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
