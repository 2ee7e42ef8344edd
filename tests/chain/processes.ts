/** Servers as processes of this machine: started, awaited, and ended with all that they have started. */
import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Longer than any machine takes: it ends only what never comes. */
const loadSeconds = 1800;
/** Each with the folder that it works in. */
const running = new Map<ChildProcess, string>();

/** For a signal, after which nothing waits. */
export function abandonAll(): void {
  for (const child of running.keys()) kill(child, "SIGKILL");
}

/** Those of one folder: two rings have their servers in one process. */
export async function endAll(folder: string): Promise<void> {
  await Promise.all([...running].flatMap(([child, its]) => (its === folder ? [end(child)] : [])));
}

/** Starts a server and waits until it is ready; the end of its log is in the error when it is not. */
export async function launch(
  name: string,
  python: string,
  args: readonly string[],
  env: Record<string, string>,
  readyUrls: readonly string[],
  folder: string,
  say: (line: string) => void,
): Promise<ChildProcess> {
  const log = path.join(folder, `${name}.log`);
  const output = openSync(log, "w");
  // No setting of this shell reaches it: a proxy or a Hub token would change what is tried.
  const inherited = { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", TMPDIR: folder };
  const child = spawn(python, args, {
    cwd: folder,
    env: { HOME: folder, ...inherited, ...env },
    stdio: ["ignore", output, output],
    detached: true, // a process group of its own: vLLM starts more processes
  });
  running.set(child, folder);
  const over = new AbortController();
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      kill(child, "SIGKILL"); // what it has started
      running.delete(child);
      over.abort();
      reject(new Error(`${name} ended with ${code ?? signal}`));
    });
  });
  ended.catch(() => undefined);
  const started = performance.now();
  try {
    await Promise.race([Promise.all(readyUrls.map((url) => ready(url, over.signal))), ended]);
  } catch (error) {
    const last = readFileSync(log, "utf8").trimEnd().split("\n").slice(-40).join("\n");
    throw new Error(`${name} did not start: ${(error as Error).message}\n${last}`, { cause: error });
  }
  say(`${name} is ready after ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return child;
}

async function ready(url: string, over: AbortSignal): Promise<void> {
  for (let waited = 0; waited < loadSeconds && !over.aborted; waited++) {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await sleep(1000);
  }
  throw new Error(`${url} is not ready after ${loadSeconds} s`);
}

export async function end(child: ChildProcess): Promise<void> {
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  kill(child, "SIGTERM");
  const timer = setTimeout(() => kill(child, "SIGKILL"), 10_000);
  if (child.exitCode === null && child.signalCode === null) await exited;
  clearTimeout(timer);
  kill(child, "SIGKILL"); // what is left of its group
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // the group is gone
  }
}

export function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}
