import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
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

/** Runs `pulumi` on this terminal and gives its exit code, 130 where Ctrl-C has ended it. */
export async function runPulumi(stateDir: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { command, env: named } = withRouteNames(stateDir, ["pulumi", ...args], env);
  const child = spawn(command[0], command.slice(1), { cwd: repositoryRoot, env: named, stdio: "inherit" });
  // Ctrl-C in the terminal reaches pulumi by itself, which then ends in order; a second one would cut it off.
  const onTerminal = process.stdin.isTTY;
  let interrupted = false;
  process.on("SIGINT", () => {
    interrupted = true;
    if (!onTerminal) child.kill("SIGINT");
  });
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  const exited = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      const own = code ?? 128 + constants.signals[signal ?? "SIGTERM"];
      resolve(interrupted && own !== 0 ? 128 + constants.signals.SIGINT : own);
    });
  });
  // Whoever started this command may be killed: then nobody reads on, and pulumi must not go on unseen.
  const watch = setInterval(() => {
    if (starters().every(isAlive)) return;
    clearInterval(watch);
    child.kill("SIGINT");
  }, 1_000);
  try {
    await mkdir(stateDir, { recursive: true });
    if (child.pid !== undefined) {
      const running: Running = { command: identity(), pulumi: identity(child.pid) };
      await writeFile(recordFile(stateDir), JSON.stringify(running));
    }
    return await exited;
  } finally {
    clearInterval(watch);
    await rm(recordFile(stateDir), { force: true });
  }
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
  await rm(recordFile(stateDir), { force: true });
  return alive ? running.pulumi.pid : undefined;
}
