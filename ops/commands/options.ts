import type { Command } from "commander";
import { openStack, type OpsStack, type StackOptions } from "../stack/openStack";

/**
 * The stack that the command line is about, and which of its models.
 * @param anyName whether of the only model it may also be asked what it does with a name that is nobody's
 */
export function stackOf(command: Command, anyName = false): Promise<OpsStack> {
  const { stack, cwd, model } = command.optsWithGlobals<StackOptions>();
  return openStack({
    anyName,
    ...(stack !== undefined && { stack }),
    ...(cwd !== undefined && { cwd }),
    ...(model !== undefined && { model }),
  });
}
