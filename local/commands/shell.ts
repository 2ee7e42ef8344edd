import { spawn } from "node:child_process";
import { constants } from "node:os";
import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import { UserError } from "../../shared/errors";
import { clusterLayout, isReal } from "../cluster";
import { defaultStateDir } from "../paths";
import { binDirs, pulumiEnvironment } from "../pulumi/environment";
import { routerTrust } from "../real";

/**
 * A shell, or one command, in which the project's pulumi and kubectl, the Routes' hosts and their certificate are known, with no file of
 * the machine changed. bootstrap.mjs has already shown this process the hosts.
 */
export async function shell(command: readonly string[]): Promise<number> {
  const { kubeconfig } = clusterLayout(defaultStateDir);
  if (!existsSync(kubeconfig)) throw new UserError("There is no cluster yet. Run `npm run local -- --real` first.");
  const own = await pulumiEnvironment({ stateDir: defaultStateDir, kubeconfig });
  const PATH = [...binDirs(defaultStateDir), process.env["PATH"]].join(delimiter);
  const env = { ...own, PATH, ...(isReal(defaultStateDir) ? routerTrust(defaultStateDir) : {}) };
  const [program = process.env["SHELL"] ?? "/bin/sh", ...args] = command;
  const child = spawn(program, args, { env, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new UserError(`${program} cannot be started: ${error.message}`)));
    child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
  });
}
