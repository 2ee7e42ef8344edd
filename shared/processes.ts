import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { processStart } from "./lock.mjs";

/** A running process and its command line. */
export interface RunningProcess {
  pid: number;
  command: string;
}

/** Every process whose command line this user can read; zombies have none. */
export function runningProcesses(): RunningProcess[] {
  if (process.platform !== "linux") {
    const { stdout } = spawnSync("ps", ["-axww", "-o", "pid=,command="], { encoding: "utf8", maxBuffer: 1 << 26 });
    return stdout.split("\n").flatMap((line) => {
      const [, pid, command] = /^\s*(\d+) (.+)$/.exec(line) ?? [];
      return pid && command ? [{ pid: Number(pid), command }] : [];
    });
  }
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const command = readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ");
      return command ? [{ pid: Number(entry), command }] : [];
    } catch {
      return []; // it has ended meanwhile, or is another user's
    }
  });
}

/** The processes above `pid`, nearest first, at most `depth` of them. */
export function ancestors(pid: number, depth: number): number[] {
  const found: number[] = [];
  for (
    let current = parentOf(pid);
    current !== undefined && current > 1 && found.length < depth;
    current = parentOf(current)
  ) {
    found.push(current);
  }
  return found;
}

function parentOf(pid: number): number | undefined {
  if (process.platform !== "linux") {
    return Number(spawnSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim()) || undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}

/** When a process started, in milliseconds since 1970; undefined when there is none. */
export function processStartTime(pid: number): number | undefined {
  const start = processStart(pid);
  if (start === undefined) return undefined;
  if (process.platform !== "linux") return Date.parse(start);
  const bootTime = Number(/^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]);
  return bootTime * 1_000 + Number(start) * 10; // ticks of 1/100 s, whatever the kernel's own: proc_pid_stat(5)
}

/** Ends the processes: SIGTERM, after `patience` milliseconds SIGKILL, and waits until they are gone. */
export async function endProcesses(pids: number[], patience = 5_000): Promise<void> {
  const starts = new Map(pids.map((pid) => [pid, processStart(pid)]));
  const alive = () =>
    [...starts].filter(([pid, start]) => start !== undefined && processStart(pid) === start).map(([pid]) => pid);
  const signal = (name: NodeJS.Signals) => {
    for (const pid of alive()) {
      try {
        process.kill(pid, name);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
  };
  signal("SIGTERM");
  const deadline = Date.now() + patience;
  while (alive().length > 0 && Date.now() < deadline) await sleep(50);
  signal("SIGKILL");
  while (alive().length > 0) await sleep(20);
}
