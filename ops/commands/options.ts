import type { Command } from "commander";
import { tell } from "../../shared/terminal";
import { openStack, type OpsStack, type StackOptions } from "../stack/openStack";

/**
 * The stack that the command line is about, and which of its models; its configuration must be right.
 * @param anyName whether of the only model it may also be asked what it does with a name that is nobody's
 */
export function stackOf(command: Command, anyName = false): Promise<OpsStack> {
  return openStack({ ...named(command), anyName });
}

/**
 * The same for a command that only looks: the rest of a mistaken configuration goes a long way.
 * @param lists whether the command itself says what is wrong with the configuration; else it is said here
 */
export async function stackToLookAt(command: Command, lists = false): Promise<OpsStack> {
  const stack = await openStack({ ...named(command), tolerant: true });
  // Without a context these mistakes are the error with which the first ask of the cluster ends.
  const goesOn = stack.connection.context !== "";
  if (stack.mistakes !== undefined && goesOn && !lists) tell(`warning: ${stack.mistakes}`);
  return stack;
}

function named(command: Command): StackOptions {
  const { stack, cwd, model } = command.optsWithGlobals<StackOptions>();
  return {
    ...(stack !== undefined && { stack }),
    ...(cwd !== undefined && { cwd }),
    ...(model !== undefined && { model }),
  };
}
