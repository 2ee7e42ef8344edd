import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Seconds from the start of a Pulumi plugin to the port on its standard output, which is what the CLI waits for. */
export async function secondsToPort(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  const started = performance.now();
  const plugin = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "ignore"] });
  try {
    return await new Promise((resolve, reject) => {
      createInterface(plugin.stdout).on("line", (line) => {
        if (/^\d+$/.test(line)) resolve((performance.now() - started) / 1000);
      });
      plugin.on("error", reject);
      plugin.on("exit", (code) =>
        reject(new Error(`${command} ${args.join(" ")} ended with ${code} and served nothing`)),
      );
    });
  } finally {
    plugin.kill("SIGKILL");
  }
}
