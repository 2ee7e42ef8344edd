import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

export interface Command {
  executable: string;
  arguments: string[];
  directory: string;
  environment: NodeJS.ProcessEnv;
  onStdout: (chunk: Buffer) => void;
  onStderr: (chunk: Buffer) => void;
}

export interface Exit {
  /** -1 when a signal ended the process. */
  code: number;
  signal: NodeJS.Signals | null;
}

const running = new Map<() => void, Promise<Exit>>();
// As long as the official host waits between SIGINT and SIGKILL.
const graceMilliseconds = 5000;

/**
 * The SDK sets it while it loads (@pulumi/pulumi/runtime/closure/v8.js). V8 takes no compiled code that was kept under other flags, so without
 * it from the start half of Node's compile cache would be written anew by every run.
 */
const sdkFlag = "--allow-natives-syntax";

/** Runs the same Node that runs this host. */
export function runNode(command: Omit<Command, "executable">, aborted: AbortSignal): Promise<Exit> {
  const args = [sdkFlag, ...command.arguments];
  return runCommand({ ...command, executable: process.execPath, arguments: args }, aborted);
}

/** Runs a program until it ends or is aborted. Both output streams are drained before it returns. */
export async function runCommand(command: Command, aborted: AbortSignal): Promise<Exit> {
  const child = spawn(command.executable, command.arguments, {
    cwd: command.directory,
    env: command.environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let kill: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    child.kill("SIGINT");
    kill ??= setTimeout(() => child.kill("SIGKILL"), graceMilliseconds);
  };
  const exit = new Promise<Exit>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? -1, signal }));
  });
  running.set(interrupt, exit);
  aborted.addEventListener("abort", interrupt);
  if (aborted.aborted) interrupt();
  child.stdout.on("data", command.onStdout);
  child.stderr.on("data", command.onStderr);
  try {
    return await exit;
  } finally {
    clearTimeout(kill);
    running.delete(interrupt);
    aborted.removeEventListener("abort", interrupt);
  }
}

/** Ends every process that this host started, and waits until they have ended. */
export async function interruptAll(): Promise<void> {
  for (const interrupt of running.keys()) interrupt();
  await Promise.allSettled(running.values());
}

/** Finds a module of the program's own SDK. */
export function locate(module: string, directory: string, install: string): string {
  try {
    return createRequire(join(directory, "package.json")).resolve(module);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new Error(`It looks like the Pulumi SDK has not been installed. Have you run ${install}?`);
  }
}
