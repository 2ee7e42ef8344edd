import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { identity, isAlive, type Identity } from "../../shared/lock.mjs";
import { repositoryRoot } from "../paths";
import { endProcesses } from "../../shared/processes";
import { withRouteNames } from "../names.mjs";
import { starters } from "../starters";

/** Which `pulumi` a command runs at the moment, and the command's own process. */
interface Running {
  command: Identity;
  pulumi: Identity;
}

const recordFile = (stateDir: string) => join(stateDir, "running.json");
const eventsFile = (stateDir: string) => join(stateDir, "events.json");

/** Removes what a run has written beside the state. */
async function forget(stateDir: string): Promise<void> {
  await Promise.all([recordFile, eventsFile].map((file) => rm(file(stateDir), { force: true })));
}

let running = false;

/** True while a `pulumi` runs: Ctrl-C ends that one then, and the command after it. */
export const pulumiRuns = (): boolean => running;

/** Columns of a terminal from which on pulumi's tree has room for what a start-up tells: names and types take 106, and the rest of a line is cut off. */
const treeColumns = 160;

/** Runs `pulumi` on this terminal and gives its exit code, 130 where Ctrl-C came meanwhile. */
export async function runPulumi(stateDir: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const events = eventsFile(stateDir);
  const lines = process.stdout.columns < treeColumns ? ["--non-interactive"] : [];
  const { command, env: named } = withRouteNames(stateDir, ["pulumi", ...args, ...lines, "--event-log", events], {
    ...env,
    ...(lines.length > 0 && { VLLM_INFERENCE_DISPLAY: "lines" }),
    // Without it the CLI knows no such flag; the Automation API sets both.
    PULUMI_DEBUG_COMMANDS: "true",
  });
  // The CLI begins it anew where its display starts, and not where it ends before.
  await rm(events, { force: true });
  let child: ChildProcess | undefined;
  let starting = true;
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    // Ctrl-C in the terminal reaches pulumi by itself, which then ends in order; a second one would cut it off. One before the start does not.
    if (!process.stdin.isTTY || starting) child?.kill("SIGINT");
  };
  const end = (signal: NodeJS.Signals): void => void child?.kill(signal);
  // Before the start: a signal that nobody listens for ends this process at once, and leaves pulumi behind.
  const stopListening = listen({ SIGINT: interrupt, SIGTERM: end, SIGHUP: end });
  running = true;
  let watch: NodeJS.Timeout | undefined;
  let exitCode: number;
  try {
    const started = spawn(command[0], command.slice(1), { cwd: repositoryRoot, env: named, stdio: "inherit" });
    child = started;
    setImmediate(() => (starting = false));
    const exited = new Promise<number>((resolve, reject) => {
      started.on("error", reject);
      started.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
    });
    // Whoever started this command may be killed: then nobody reads on, and pulumi must not go on unseen.
    watch = setInterval(() => {
      if (starters().every(isAlive)) return;
      clearInterval(watch);
      started.kill("SIGINT");
    }, 1_000);
    await mkdir(stateDir, { recursive: true });
    if (started.pid !== undefined) {
      const record: Running = { command: identity(), pulumi: identity(started.pid) };
      await writeFile(recordFile(stateDir), JSON.stringify(record));
    }
    exitCode = await exited;
    interrupted ||= exitCode !== 0 && (await saysInterrupted(events));
  } finally {
    clearInterval(watch);
    await forget(stateDir);
    running = false;
    stopListening();
  }
  return interrupted ? 128 + constants.signals.SIGINT : exitCode;
}

/**
 * Whether Ctrl-C ended what an event log is of: pulumi's display on a terminal reads the key itself, so that no process gets a signal, and ends with 1,
 * as after any failure. The text is that of its CLI 3.276.0.
 */
async function saysInterrupted(eventLog: string): Promise<boolean> {
  return (await readFile(eventLog, "utf8").catch(() => "")).includes("^C received; cancelling");
}

/** Until the function that it gives is called. */
function listen(listeners: Partial<Record<NodeJS.Signals, (signal: NodeJS.Signals) => void>>): () => void {
  const all = Object.entries(listeners);
  for (const [signal, listener] of all) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of all) process.off(signal, listener);
  };
}

/** Ends the `pulumi` that a killed command has left running; gives its pid. */
export async function endLeftover(stateDir: string): Promise<number | undefined> {
  let running: Running;
  try {
    running = JSON.parse(readFileSync(recordFile(stateDir), "utf8")) as Running;
  } catch {
    return undefined; // nothing was recorded, or a kill has cut the record short in the moment of the start
  }
  if (isAlive(running.command)) return undefined;
  const alive = isAlive(running.pulumi);
  if (alive) await endProcesses([running.pulumi.pid], 15_000);
  await forget(stateDir);
  return alive ? running.pulumi.pid : undefined;
}
