import { existsSync } from "node:fs";
import path from "node:path";
import { OpsError } from "./exit";
import { Stopped } from "./interrupt";
import type { OpsStack } from "./stack";

/** What the gateway's stack of the same name says, as far as it is read here. */
export interface GatewayOutputs {
  url?: string;
  aliases?: string[];
}

/** The gateway's outputs, or why there are none. */
export async function gatewayOutputs(stack: OpsStack): Promise<GatewayOutputs | { missing: string }> {
  const folder = path.join(stack.directory, "gateway");
  if (!existsSync(path.join(folder, "Pulumi.yaml"))) return { missing: "this project has no gateway" };
  try {
    return JSON.parse(await stack.pulumi("stack", "output", "--json", "--cwd", folder)) as GatewayOutputs;
  } catch (error) {
    if (!(error instanceof OpsError) || error instanceof Stopped) throw error;
    if (/no stack named/i.test(error.message)) return { missing: `the gateway has no stack '${stack.name}'` };
    return { missing: `the gateway's stack '${stack.name}' cannot be read here: ${error.message}` };
  }
}
