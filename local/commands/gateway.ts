import { join } from "node:path";
import { log } from "../log";
import { defaultStateDir, repositoryRoot } from "../paths";
import { runPulumi } from "../pulumi/run";
import { gateway, hasResources, prepareStack, pulumiIn, stack } from "../pulumi/stack";
import { startSimulatedModel } from "../simulation/model";

const policyPack = join(repositoryRoot, "policies");

/**
 * Runs `pulumi up` of the gateway. No model runs in the embedded cluster's pods, so the gate is given a simulated model server, which lives as
 * long as this command.
 */
export async function deployGateway(
  env: NodeJS.ProcessEnv,
  { preview, refresh }: { preview?: boolean; refresh: boolean },
): Promise<number> {
  await prepareStack(defaultStateDir, env, log, gateway);
  const model = await startSimulatedModel();
  try {
    log(`\nThe gateway. Its gate asks a SIMULATED model server at ${model.url}: it proves the gate, not a model.`);
    const path = "models[0].gateUrl";
    await pulumiIn(env, gateway)(["config", "set", "--path", path, model.url, "--stack", stack, "--non-interactive"]);
    const args = ["up", "--yes", "--cwd", gateway.folder, "--stack", stack, "--policy-pack", policyPack];
    if (!preview) args.push("--skip-preview");
    if (refresh && (await hasResources(defaultStateDir, gateway))) args.push("--refresh");
    const exitCode = await runPulumi(defaultStateDir, args, env);
    if (exitCode === 0) log(claudeCode);
    return exitCode;
  } finally {
    await model.close();
  }
}

const claudeCode = `
What Claude Code would be told of this gateway (on a real cluster; behind this one is nothing that answers):
  npm run -s ops -- claude-code --stack local`;
