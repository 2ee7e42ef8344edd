/** Deploys a gateway's base commit, with stand-ins for the servers that nobody may ask for a preview. */
import { startSimulatedLiteLlm } from "../local/simulation/liteLlm";
import type { Outputs } from "./events";
import { modeOf, type Project } from "./projects";
import { type Config, setting, withModels } from "./throwAway";
import type { ThrowAwayStack } from "./throwAwayStack";

export interface Deployed {
  /** Undefined means that it is deployed. */
  reason: string | undefined;
  outputs: Outputs | undefined;
  /** What was simulated. */
  note?: string;
}

export async function deployGateway(
  stack: ThrowAwayStack,
  { root, config, gateUrl }: { root: string; config: Config; gateUrl: string },
  { name }: Project,
): Promise<Deployed> {
  const mode = modeOf(config);
  const gated = mode === "direct" ? config : withModels(config, name, gateUrl);
  const url = setting(config, name, "litellmUrl");
  if (mode !== "register" || typeof url !== "string") {
    await stack.use(root, gated);
    const note = "Its gate asked a simulated model, not yours.";
    return { ...(await stack.deploy()), ...(mode !== "direct" && { note }) };
  }
  const liteLlm = await startSimulatedLiteLlm();
  try {
    await stack.use(root, { ...gated, [`${name}:litellmUrl`]: liteLlm.url });
    const note = "Its gate asked a simulated model and its entries went to a simulated LiteLLM, not to yours.";
    return { ...(await stack.deploy()), note };
  } finally {
    await liteLlm.close();
    // As if they had gone to the one that the stack names: else every entry would seem to move.
    await stack.replaceInState(liteLlm.url, url);
  }
}
