import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { UserError } from "../../shared/errors";
import { logTails } from "./processes";
import { clusterName, components, type ClusterLayout } from "./spec";

/** Another program listens on a port that a process of the cluster wants. */
export class PortTaken extends Error {}

/** What kwokctl, which logs JSON when nobody looks, says has failed. */
export function kwokctlComplaint(output: string): string {
  const complaints = output.split("\n").flatMap((line) => {
    try {
      const { level, msg, err } = JSON.parse(line) as { level?: string; msg?: string; err?: string };
      return level === "ERROR" ? [[msg, err].filter(Boolean).join(": ")] : [];
    } catch {
      return [];
    }
  });
  return complaints.at(-1) ?? output.trim().split("\n").slice(-3).join("\n");
}

/** Runs kwokctl on the cluster; gives its complaint when it fails. */
export async function kwokctl(layout: ClusterLayout, binary: string, args: string[]): Promise<string | undefined> {
  const abort = new AbortController();
  const running = execa(binary, ["--name", clusterName, "--config", layout.inputConfig, ...args], {
    env: { ...process.env, KWOK_WORKDIR: layout.kwokDir },
    extendEnv: false,
    all: true,
    reject: false,
    // Ctrl-C in the terminal must not stop it half-way.
    detached: true,
    cancelSignal: abort.signal,
  });
  const ended = running.then(() => true);
  // kwokctl itself waits two minutes for an API server that has died of it.
  while (!(await Promise.race([ended, sleep(200, false)]))) if (portTaken(layout)) abort.abort();
  const { exitCode, all } = await running;
  if (portTaken(layout)) throw new PortTaken();
  return exitCode === 0 ? undefined : kwokctlComplaint(all);
}

/** True when a process has ended because of its port; each start begins a new log. */
export function portTaken(layout: ClusterLayout): boolean {
  return /address already in use/i.test(logTails(layout, components, 20));
}

/** The error that says why the cluster does not serve, with the ends of the logs. */
export function notReady(layout: ClusterLayout, reason: string): UserError {
  return new UserError(`The cluster did not become ready: ${reason}\n${logTails(layout, components)}`);
}
