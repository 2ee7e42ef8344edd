/** `npm run local`: the whole program on an embedded cluster. Each command is a file of `commands/`. */
import { commandLine, runCommandLine } from "../shared/commandLine";
import { down } from "./commands/down";
import { env } from "./commands/env";
import { fault } from "./commands/fault";
import { reset } from "./commands/reset";
import { shell } from "./commands/shell";
import { status } from "./commands/status";
import { up } from "./commands/up";

const program = commandLine(
  "npm run local --",
  "Runs the deployment on a Kubernetes control plane of its own: no cluster, no GPU, no Docker, no account.",
)
  .option("--verbose", "show the stack of an error")
  .helpCommand("help [command]", "say more about a command")
  .enablePositionalOptions()
  .showHelpAfterError("(--help lists the commands)");

const start = program
  .command("up", { isDefault: true })
  .description("start the cluster and deploy (what `npm run local` does)")
  .option("--preview", "show a preview first")
  .option("--new-pod", "replace the Deployment even if nothing has changed")
  .option("--gateway", "deploy the gateway for Claude Code too")
  .option("--real", "with a node that runs the pods: vLLM on this machine's CPU, a tiny model (Linux, root)")
  .action((options: { preview?: boolean; newPod?: boolean; gateway?: boolean; real?: boolean }) => finish(up(options)));
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
  .description('print exports for a shell: settings=$(npm run -s local -- env) && eval "$settings"')
  .action(() => finish(env()));
program
  .command("shell")
  .argument("[command...]", "a command, instead of your shell")
  .passThroughOptions()
  .description("a shell with the same, in which the Routes of a real node have names and are trusted")
  .action((command: string[]) => finish(shell(command)));
program
  .command("fault")
  .argument("[name]", "a fault, or none; without it, lists them")
  .description("have the deployment's new pods fail, to see how `up` reports it")
  .action((name: string | undefined) => finish(fault(name)));

const flags = start.options.map(({ flags, description }) => `  ${flags.padEnd(13)} ${description}`).join("\n");
program.addHelpText("after", `\nOptions of up, which may be left out (npm run local -- --gateway):\n${flags}`);

async function finish(command: Promise<number | undefined>): Promise<void> {
  process.exitCode = (await command) ?? 0;
}

// The default command would take an unknown one for an argument of its own.
const [name] = process.argv.slice(2);
const known = ["help", ...program.commands.map((command) => command.name())];
if (name !== undefined && !name.startsWith("-") && !known.includes(name)) {
  program.error(`error: unknown command '${name}'. It must be one of ${known.join(", ")}.`);
}
runCommandLine(program);
