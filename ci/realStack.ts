/** `pulumi` for the workflows that have a cluster: backend, passphrase and kubeconfig come from the environment, as on a laptop. */
import { delimiter, dirname } from "node:path";
import { execa } from "execa";
import { messageOf, UserError } from "../shared/errors";
import { repositoryRoot } from "../local/paths";
import { resolveTool } from "../local/toolchain";
import { buildPolicies } from "../policies/build";
import { silenceOf, upText } from "../components/cluster/answers";
import { targetedText } from "../components/cluster/commands";
import { clusterConnection } from "../components/cluster/connection";
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

/**
 * Asks the cluster of the stack's configuration first, and ends where it does not answer: a refresh comes before the program, and the provider's
 * own text then proposes what costs the stack its memory of everything.
 */
async function refuseSilence({ name, folder, env }: RealStack): Promise<void> {
  const { exitCode, stdout } = await execa("pulumi", ["config", "--json", "--stack", name], {
    cwd: folder,
    env,
    reject: false,
  });
  // Why the stack cannot be read is what the command itself says next.
  if (exitCode !== 0) return;
  const values = Object.entries(JSON.parse(stdout) as Record<string, { value?: string }>);
  const setting = (key: string): string | undefined => values.find(([each]) => each.endsWith(`:${key}`))?.[1].value;
  const context = setting("kubeContext");
  // What else is wrong with the configuration is the program's to say; the register of a gateway has no cluster at all.
  if (context === undefined) return;
  const silence = await silenceOf(clusterConnection(context, setting("kubeconfig"), folder));
  if (silence !== undefined) throw new UserError(targetedText(upText(silence), { stack: name }));
}

/** Runs a command of the form `npm run ci:… -- <stack> [--cwd <folder>]`. */
export function runOnStack(command: string, what: string, action: (stack: RealStack) => Promise<number>): void {
  commandLine(`npm run ${command} --`, what)
    .argument("<stack>", "the stack, as in Pulumi.<stack>.yaml")
    .option("--cwd <folder>", "folder of the Pulumi project", repositoryRoot)
    .action(async (name: string, { cwd }: { cwd: string }) => {
      const stack = await realStack(name, cwd);
      await refuseSilence(stack);
      process.exitCode = await action(stack);
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
