/** The cell: the namespaces in which the node's programs run. Its first process holds them; when it ends, so does all that is in it. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { UserError } from "../../shared/errors";
import { endProcesses, runningProcesses } from "../../shared/processes";
import type { NodeLayout } from "./layout";
import type { NodeNetwork } from "./network";

/** Time for the cell's mounts, in milliseconds; they take 0.1 s. */
const cellTimeout = 30_000;

/** A folder of this machine that the cell shows, read-only. */
export interface Shown {
  readonly from: string;
  readonly to: string;
}

/** The cell's first process, known by its command line; undefined where there is none. */
export function cellPid(layout: NodeLayout): number | undefined {
  return runningProcesses().find(({ command }) => command.startsWith(`vllm-node-cell ${layout.dir} `))?.pid;
}

/** Every process that belongs to the cell's start: `unshare`, and the script before it has become the cell's first process. */
function cellPids(layout: NodeLayout): number[] {
  const marks = [`vllm-node-cell ${layout.dir} `, `/cell.sh ${layout.dir} `];
  return runningProcesses().flatMap(({ pid, command }) => (marks.some((mark) => command.includes(mark)) ? [pid] : []));
}

/** Starts the cell and connects its network with this machine's. It outlives the caller. */
export async function startCell(
  layout: NodeLayout,
  network: NodeNetwork,
  { debian, shown }: { debian: string; shown: readonly Shown[] },
): Promise<void> {
  await stopCell(layout);
  for (const folder of [layout.logs, layout.etc, layout.volumes]) mkdirSync(folder, { recursive: true });
  rmSync(layout.ready, { force: true });
  const logFile = join(layout.logs, "cell.log");
  const log = openSync(logFile, "w");
  const namespaces = ["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child=KILL"];
  const script = [
    join(__dirname, "cell.sh"),
    layout.dir,
    debian,
    network.interface,
    ...shown.map(({ from, to }) => `${from}:${to}`),
  ];
  const child = spawn("unshare", [...namespaces, "bash", ...script], { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  let failure: string | undefined;
  child.on("error", (error) => (failure = error.message));
  child.on("exit", (code, signal) => (failure = `it ended with ${signal ?? `exit code ${code}`}`));
  child.unref();
  const deadline = Date.now() + cellTimeout;
  for (;;) {
    const pid = existsSync(layout.ready) ? cellPid(layout) : undefined;
    if (pid !== undefined) return connect(pid, network);
    if (failure === undefined && Date.now() > deadline) failure = `it is not ready after ${cellTimeout / 1000} s`;
    if (failure !== undefined) {
      await stopCell(layout);
      throw new UserError(`The node's namespaces cannot be made: ${failure}\n${readFileSync(logFile, "utf8").trim()}`);
    }
    await sleep(50);
  }
}

/** Made in one step with its other end in the cell: it goes when the cell goes, whenever this command is killed. */
async function connect(pid: number, network: NodeNetwork): Promise<void> {
  const inside = (...args: string[]) => execa("nsenter", ["--target", String(pid), "--net", "ip", ...args]);
  await execa("ip", ["link", "add", network.interface, "type", "veth", "peer", "name", "eth0", "netns", String(pid)]);
  await execa("ip", ["address", "add", `${network.host}/30`, "dev", network.interface]);
  await execa("ip", ["link", "set", network.interface, "up"]);
  await inside("address", "add", `${network.node}/30`, "dev", "eth0");
  await inside("link", "set", "eth0", "up");
  await inside("route", "add", "default", "via", network.host);
}

/** The command line that runs a program in the cell, with the machine's network where `network` is "host". */
export function inCell(pid: number, command: readonly string[], network: "cell" | "host" = "cell"): string[] {
  const spaces = ["--mount", "--pid", "--uts", "--ipc", ...(network === "cell" ? ["--net"] : [])];
  return ["nsenter", "--target", String(pid), ...spaces, "--", ...command];
}

/** Ends the cell, and with it every process, mount, interface and rule in it; gives how many processes this were. */
export async function stopCell(layout: NodeLayout): Promise<number> {
  const pids = cellPids(layout);
  // The kernel kills what is in the cell when its first process ends; nothing there need, or could, hear of it before.
  await endProcesses(pids, 0);
  return pids.length;
}
