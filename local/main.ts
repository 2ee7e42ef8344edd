/** `npm run local`: the whole program on an embedded cluster. Each command is a file of `commands/`. */
import { Command } from "commander";
import { down } from "./commands/down";
import { env } from "./commands/env";
import { reset } from "./commands/reset";
import { status } from "./commands/status";
import { up } from "./commands/up";
import { messageOf, UserError } from "./errors";

const program = new Command("npm run local --")
  .description(
    "Runs the deployment on a Kubernetes control plane of its own: no cluster, no GPU, no Docker, no account.",
  )
  .option("--verbose", "show the stack of an error")
  .helpCommand(false)
  .showHelpAfterError("(--help lists the commands)");

program
  .command("up", { isDefault: true })
  .description("start the cluster and deploy (what `npm run local` does)")
  .option("--preview", "show a preview first")
  .action((options: { preview?: boolean }) => finish(up(options)));
program
  .command("down")
  .description("stop the cluster; it goes on where it was with the next `npm run local`")
  .action(() => finish(down()));
program
  .command("reset")
  .description("stop the cluster and forget it with all its state")
  .action(() => finish(reset()));
program
  .command("status")
  .description("say what runs")
  .action(() => finish(status()));
program
  .command("env")
  .description('print exports for a shell: eval "$(npm run -s local -- env)"')
  .action(() => finish(env()));

async function finish(command: Promise<number | undefined>): Promise<void> {
  process.exitCode = (await command) ?? 0;
}

program.parseAsync().catch((error: unknown) => {
  const verbose = program.opts<{ verbose?: boolean }>().verbose === true;
  const showStack = error instanceof Error && (verbose || !(error instanceof UserError));
  process.stderr.write(`error: ${showStack ? error.stack : messageOf(error)}\n`);
  process.exitCode = 1;
});
