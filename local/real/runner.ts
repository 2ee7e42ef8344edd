/** Starts the node's programs in the cell, each with its files and a log, and finds those that run. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runningProcesses } from "../../shared/processes";
import { inCell } from "./cell";
import type { NodeLayout } from "./layout";
import type { NodeProgram } from "./programs";

/** The pids of the programs that run in the cell, as this machine counts them. */
export function nodeProcesses(cell: number, programs: readonly NodeProgram[]): Map<string, number> {
  const space = (pid: number): string | undefined => {
    try {
      return readlinkSync(`/proc/${pid}/ns/pid`);
    } catch {
      return undefined; // it has ended meanwhile
    }
  };
  const own = space(cell);
  const found = new Map<string, number>();
  for (const { pid, command } of runningProcesses()) {
    const program = programs.find(({ command: words }) => command.trimEnd() === words.join(" "));
    if (program && !found.has(program.name) && space(pid) === own) found.set(program.name, pid);
  }
  return found;
}

/** Writes the program's files and starts it; it outlives the caller, and ends with the cell. */
export function startProgram(layout: NodeLayout, cell: number, program: NodeProgram): void {
  for (const [file, content] of Object.entries(program.files ?? {})) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const log = openSync(programLog(layout, program.name), "w");
  const [command, ...args] = inCell(cell, program.command, program.network) as [string, ...string[]];
  spawn(command, args, { cwd: "/", env: nodeEnvironment, detached: true, stdio: ["ignore", log, log] }).unref();
  closeSync(log);
}

/** Nothing of this shell's environment reaches the node: a proxy would be asked for what is in the cell. */
const nodeEnvironment = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root" };

export const programLog = (layout: NodeLayout, name: string): string => join(layout.logs, `${name}.log`);

/** The last lines of a program's log, for the error that says it does not run. */
export function programLogTail(layout: NodeLayout, name: string, lines = 8): string {
  const file = programLog(layout, name);
  return [`--- ${file}`, ...readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines)].join("\n");
}
