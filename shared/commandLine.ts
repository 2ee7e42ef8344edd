import { Command } from "commander";
import { version } from "../package.json";
import { messageOf, UsageError, UserError } from "./errors";
import { tell } from "./terminal";
import { systemTrouble } from "./trouble.mjs";

/** How a command of this project ends whose command line is wrong. */
export const usageError = 2;

/** A command line that answers to `--help`, `help` and `--version`, and ends with 2 where it is mistaken. */
export function commandLine(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .version(version, "--version", "print the version of this project")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : usageError));
}

/** Runs it. What the user can mend is told in a sentence, anything else with its stack. */
export function runCommandLine(program: Command, args: readonly string[] = process.argv.slice(2)): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // After `| head` nobody reads on: what was begun goes to its end all the same.
      if (error.code !== "EPIPE") throw error;
    });
  }
  program.parseAsync(args, { from: "user" }).catch((error: unknown) => {
    tell(`error: ${shown(error, program.opts<{ verbose?: boolean }>().verbose === true)}`);
    process.exitCode = error instanceof UsageError ? usageError : 1;
  });
}

/**
 * Runs what prints lines for a shell to evaluate. Where it fails it prints one that fails: `eval ""` would be a success, and what follows it
 * would run with the settings of something else.
 */
export async function forShell<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!process.stdout.isTTY) process.stdout.write("false\n");
    throw error;
  }
}

function shown(error: unknown, verbose: boolean): string {
  if (!(error instanceof Error)) return messageOf(error);
  const sentence = error instanceof UserError ? error.message : systemTrouble(error);
  return (verbose ? undefined : sentence) ?? error.stack ?? error.message;
}
