import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runningProcesses, type RunningProcess } from "../../shared/processes";
import { type ClusterLayout, components } from "./spec";

/** The live processes of this cluster by component: those started from the binaries in its own folder. */
export function clusterProcesses(layout: ClusterLayout): Map<string, RunningProcess[]> {
  const found = new Map<string, RunningProcess[]>();
  const binaries = components.map((component) => [component, `${join(layout.binDir, component)} `] as const);
  for (const running of runningProcesses()) {
    const [component] = binaries.find(([, binary]) => running.command.startsWith(binary)) ?? [];
    if (component) found.set(component, [...(found.get(component) ?? []), running]);
  }
  return found;
}

/** The kwokctl that starts or creates this cluster just now. */
export function kwokctlPids(layout: ClusterLayout): number[] {
  return runningProcesses().flatMap(({ pid, command }) =>
    command.includes(` --config ${layout.inputConfig} `) ? [pid] : [],
  );
}

/**
 * Makes kwokctl's pid files tell the truth. kwokctl believes any live pid, so after a reboot, or `kill -9` between a start and the
 * writing of its pid, it would take a stranger for the API server, or start a second etcd on the same data.
 */
export function repairPidFiles(layout: ClusterLayout): void {
  const running = clusterProcesses(layout);
  mkdirSync(layout.pidDir, { recursive: true });
  for (const component of components) {
    const file = join(layout.pidDir, `${component}.pid`);
    const [process] = running.get(component) ?? [];
    if (process) {
      writeFileSync(file, String(process.pid));
      continue;
    }
    rmSync(file, { force: true });
    rmSync(logFile(layout, component), { force: true }); // so that what is read there is of the next start
  }
}

const logFile = (layout: ClusterLayout, component: string) => join(layout.logDir, `${component}.log`);

/** The last lines of each component's log, for the error that says the cluster is not ready. */
export function logTails(layout: ClusterLayout, names: readonly string[], lines = 5): string {
  return names
    .flatMap((component) => {
      const file = logFile(layout, component);
      if (!existsSync(file)) return [];
      const tail = readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines);
      return [`--- ${file}`, ...tail];
    })
    .join("\n");
}
