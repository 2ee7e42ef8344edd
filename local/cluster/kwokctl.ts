import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { UserError } from "../../shared/errors";
import { endedComponents, lastWords, logTails } from "./processes";
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
    env: kwokctlEnvironment(layout),
    extendEnv: false,
    all: true,
    reject: false,
    // Ctrl-C in the terminal must not stop it half-way.
    detached: true,
    cancelSignal: abort.signal,
  });
  const ended = running.then(() => true);
  // kwokctl itself waits two minutes for an API server that has ended, and then complains of something else.
  while (!(await Promise.race([ended, sleep(200, false)]))) if (endedComponents(layout).length > 0) abort.abort();
  const { exitCode, all } = await running;
  const dead = endedComponents(layout);
  if (dead.length > 0) throw portTaken(layout) ? new PortTaken() : componentsEnded(layout, dead);
  return exitCode === 0 ? undefined : kwokctlComplaint(all);
}

/** The settings that a user has for clusters of kwokctl's own are not meant for this one. */
function kwokctlEnvironment({ kwokHome }: ClusterLayout): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("KWOK_"));
  return { ...Object.fromEntries(own), HOME: kwokHome };
}

/** True when a process has ended because of its port; each start begins a new log. */
export function portTaken(layout: ClusterLayout): boolean {
  return /address already in use/i.test(logTails(layout, components, 20));
}

/** The error of a component that has ended by itself: its last words say why. */
export function componentsEnded(layout: ClusterLayout, names: readonly string[]): UserError {
  const words = names.map((name) => lastWords(layout, name));
  return new UserError(
    `The cluster did not start: ${names.join(", ")} ended by itself, and said last:\n${words.join("\n")}`,
  );
}

/** The error that says why the cluster does not serve, with the ends of the logs. */
export function notReady(layout: ClusterLayout, reason: string): UserError {
  return new UserError(`The cluster did not become ready: ${reason}\n${logTails(layout, components)}`);
}
