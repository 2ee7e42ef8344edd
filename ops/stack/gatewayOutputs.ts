import { existsSync } from "node:fs";
import path from "node:path";
import { OpsError } from "../terminal/exitCodes";
import { Stopped } from "../terminal/interrupt";
import { isNoSuchStack, type OpsStack } from "./openStack";

/** What the gateway's stack of the same name says, as far as it is read here. */
export interface GatewayOutputs {
  url?: string;
  aliases?: string[];
}

/** Where the gateway's Pulumi project lies. */
export function gatewayFolder({ directory }: Pick<OpsStack, "directory">): string {
  return path.join(directory, "gateway");
}

/** The gateway's outputs, or why there are none. */
export async function gatewayOutputs(stack: OpsStack): Promise<GatewayOutputs | { missing: string }> {
  const folder = gatewayFolder(stack);
  if (!existsSync(path.join(folder, "Pulumi.yaml"))) return { missing: "this project has no gateway" };
  try {
    return JSON.parse(await stack.pulumi("stack", "output", "--json", "--cwd", folder)) as GatewayOutputs;
  } catch (error) {
    if (!(error instanceof OpsError) || error instanceof Stopped) throw error;
    if (isNoSuchStack(error)) return { missing: `the gateway has no stack '${stack.name}'` };
    return { missing: `the gateway's stack '${stack.name}' cannot be read here: ${error.message}` };
  }
}
