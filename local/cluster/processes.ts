import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { runningProcesses, type RunningProcess } from "../../shared/processes";
import { formerLayout } from "./moved";
import { type ClusterLayout, components } from "./spec";

/**
 * The live processes of this cluster by component: those started from the binaries in its own folder, by this version or an earlier one,
 * also before the folder was moved.
 */
export function clusterProcesses(layout: ClusterLayout): Map<string, RunningProcess[]> {
  const found = new Map<string, RunningProcess[]>();
  const folders = [
    layout.binDir,
    join(layout.formerKwokDir, relative(layout.kwokDir, layout.binDir)),
    formerLayout(layout)?.binDir ?? [],
  ].flat();
  const binaries = folders.flatMap((folder) =>
    components.map((component) => [component, `${join(folder, component)} `] as const),
  );
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

/** The components that were started and run no more. A process's pid file is written in the moment of its start. */
export function endedComponents(layout: ClusterLayout): string[] {
  const started = components.filter((component) => existsSync(join(layout.pidDir, `${component}.pid`)));
  if (started.length === 0) return [];
  const running = clusterProcesses(layout);
  return started.filter((component) => !running.has(component));
}

const logFile = (layout: ClusterLayout, component: string) => join(layout.logDir, `${component}.log`);

/** What a component that has ended by itself said of it: its last lines of error, else its last lines. */
export function lastWords(layout: ClusterLayout, component: string): string {
  const file = logFile(layout, component);
  const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").slice(-50) : [];
  const errors = lines.filter((line) => /^[EF]\d{4} |"level":"(?:error|fatal|panic)"/.test(line));
  const said = (errors.length > 0 ? errors.slice(-2) : lines.slice(-5)).map(withoutStack);
  return [`--- ${component}`, ...said].join("\n");
}

/** etcd writes JSON, with a stack in its last words. */
function withoutStack(line: string): string {
  return line.replace(/,"stacktrace":".*"(?=\}$)/, "");
}

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
