/** `npm run ops -- <command>`: what operators do besides `pulumi up`. Each command is a file of `commands/`. */
import { Command, CommanderError } from "commander";
import { ApiError } from "../components/cluster/apiError";
import { version } from "../package.json";
import { messageOf } from "../shared/errors";
import { tell } from "../shared/terminal";
import { addCommands } from "./commands";
import { exitCodes, exitCodesHelp, OpsError } from "./terminal/exitCodes";
import { onInterrupt, startAnew, stopReason } from "./terminal/interrupt";
import { printJson } from "./terminal/print";

/** Runs one command line; how it ends is in `process.exitCode`. */
export async function run(args: readonly string[]): Promise<void> {
  const program = commandLine(args);
  startAnew();
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.fine : exitCodes.usage;
      return;
    }
    const { text, exitCode } = explained(error);
    // Whoever reads JSON reads of the error there, too.
    if (args.includes("--json")) printJson({ error: text });
    const verbose = program.opts<{ verbose?: boolean }>().verbose === true && error instanceof Error;
    tell(`error: ${verbose ? error.stack : text}`);
    process.exitCode = stopReason()?.exitCode ?? exitCode;
  }
}

function commandLine(args: readonly string[]): Command {
  const program = new Command("npm run ops --")
    .description(
      "Looks after a deployment: any cluster that the stack names, with the rights of an ordinary project user.",
    )
    .option("-s, --stack <name>", "the stack (default: the selected one, else `local`)")
    .option("-m, --model <name>", "which of the stack's models (default: the only one)")
    .option("-C, --cwd <folder>", "folder of the Pulumi project (default: this repository)")
    .option("--verbose", "show the stack of an error")
    .addHelpText("after", exitCodesHelp)
    .version(version, "--version", "print the version of this project")
    .helpCommand("help [command]", "say more about a command")
    .showHelpAfterError("(--help lists the commands)")
    .exitOverride();
  addCommands(program, (name) => args.includes(name));
  for (const command of program.commands)
    command.addHelpText("after", exitCodesHelp).exitOverride().showHelpAfterError("(--help says more)");
  return program;
}

/** What the operator reads of an error, and how the command ends. */
function explained(error: unknown): { text: string; exitCode: number } {
  if (error instanceof OpsError) return { text: error.message, exitCode: error.exitCode };
  if (error instanceof ApiError && (error.status === 403 || error.status === 401)) {
    const remedy =
      error.status === 401
        ? "Log in again (`oc login`)."
        : "Ask the admin of the namespace for that right; the role `edit` holds what these commands need.";
    return { text: `${error.message}. ${remedy}`, exitCode: exitCodes.forbidden };
  }
  if (error instanceof ApiError)
    return { text: `The cluster answered ${error.status}: ${error.message}`, exitCode: exitCodes.trouble };
  return { text: messageOf(error), exitCode: exitCodes.trouble };
}

if (require.main === module) {
  onInterrupt();
  // What was undone is undone: nothing that is still open is waited for.
  void run(process.argv.slice(2)).then(() => stopReason() && process.exit());
}
