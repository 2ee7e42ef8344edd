/** `pulumi` for the workflows that have a cluster: backend, passphrase and kubeconfig come from the environment, as on a laptop. */
import { delimiter, dirname } from "node:path";
import { execa } from "execa";
import { messageOf, UserError } from "../shared/errors";
import { repositoryRoot } from "../local/paths";
import { resolveTool } from "../local/toolchain";
import { buildPolicies } from "../policies/build";
import { commandLine } from "../shared/commandLine";

export interface RealStack {
  name: string;
  /** Folder of the Pulumi project. */
  folder: string;
  /** Of the commands: with the `pulumi` that deploys first on PATH. */
  env: NodeJS.ProcessEnv;
  /** Runs on this terminal and gives the exit code. */
  pulumi: (...args: readonly string[]) => Promise<number>;
}

/** Runs a command of the form `npm run ci:… -- <stack> [--cwd <folder>]`. */
export function runOnStack(command: string, what: string, action: (stack: RealStack) => Promise<number>): void {
  commandLine(`npm run ${command} --`, what)
    .argument("<stack>", "the stack, as in Pulumi.<stack>.yaml")
    .option("--cwd <folder>", "folder of the Pulumi project", repositoryRoot)
    .action(async (name: string, { cwd }: { cwd: string }) => {
      process.exitCode = await action(await realStack(name, cwd));
    })
    .parseAsync()
    .catch((error: unknown) => {
      const shown = error instanceof Error && !(error instanceof UserError) ? error.stack : messageOf(error);
      process.stderr.write(`error: ${shown}\n`);
      process.exitCode = 1;
    });
}

async function realStack(name: string, folder: string): Promise<RealStack> {
  const tool = dirname(await resolveTool("pulumi"));
  await buildPolicies();
  const env = { PATH: [tool, process.env["PATH"]].join(delimiter), PULUMI_SKIP_UPDATE_CHECK: "true" };
  const pulumi = async (...args: readonly string[]): Promise<number> => {
    const all = [...args, "--stack", name, "--non-interactive"];
    const { exitCode } = await execa("pulumi", all, {
      cwd: folder,
      env,
      stdio: ["ignore", "inherit", "inherit"],
      reject: false,
    });
    return exitCode ?? 1;
  };
  return { name, folder, env, pulumi };
}
