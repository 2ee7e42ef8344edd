import { join } from "node:path";
import { log } from "../log";
import { defaultStateDir, repositoryRoot } from "../paths";
import { runPulumi } from "../pulumi/run";
import { gateway, hasResources, prepareStack, pulumiIn, stack } from "../pulumi/stack";
import { startSimulatedModel } from "../simulation/model";

const policyPack = join(repositoryRoot, "policies");

/**
 * Runs `pulumi up` of the gateway. No model runs in a simulated node's pods, so there the gate is given a simulated model server, which lives as
 * long as this command. A real node's model is asked through its Route.
 */
export async function deployGateway(
  env: NodeJS.ProcessEnv,
  { preview, refresh, real }: { preview?: boolean; refresh: boolean; real: boolean },
): Promise<number> {
  await prepareStack(defaultStateDir, env, log, gateway);
  const model = real ? undefined : await startSimulatedModel();
  const path = ["--path", "models[0].gateUrl"];
  const config = (...args: string[]) =>
    pulumiIn(env, gateway)(["config", ...args, "--stack", stack, "--non-interactive"]);
  try {
    if (model) {
      log(`\nThe gateway. Its gate asks a SIMULATED model server at ${model.url}: it proves the gate, not a model.`);
      await config("set", ...path, model.url);
    } else {
      log("\nThe gateway. Its gate asks the model through its Route.");
      await config("rm", ...path);
    }
    const args = ["up", "--yes", "--cwd", gateway.folder, "--stack", stack, "--policy-pack", policyPack];
    if (!preview) args.push("--skip-preview");
    if (refresh && (await hasResources(defaultStateDir, gateway))) args.push("--refresh");
    const exitCode = await runPulumi(defaultStateDir, args, env);
    if (exitCode === 0) log(real ? realClaudeCode : claudeCode);
    return exitCode;
  } finally {
    await model?.close();
  }
}

const claudeCode = `
What Claude Code would be told of this gateway (on a real cluster; behind this one is nothing that answers):
  npm run -s ops -- claude-code --stack local`;

const realClaudeCode = `
Claude Code on this model, in a shell that knows the Routes (\`npm run -s local -- shell\`):
  settings=$(npm run -s ops -- claude-code --stack local) && eval "$settings"
  claude -p "call ping"`;
