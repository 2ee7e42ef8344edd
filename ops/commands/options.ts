import type { Command } from "commander";
import { openStack, type OpsStack, type StackOptions } from "../stack/openStack";

/** The stack that the command line is about. */
export function stackOf(command: Command): Promise<OpsStack> {
  const { stack, cwd } = command.optsWithGlobals<StackOptions>();
  return openStack({ ...(stack !== undefined && { stack }), ...(cwd !== undefined && { cwd }) });
}
