/** `npm run ci:deploy -- dev`: `pulumi up` with the policies, then the smoke test, which fails unless the model truly answers. */
import { join } from "node:path";
import { execa } from "execa";
import { repositoryRoot } from "../local/paths";
import { policyPackArguments } from "./policyPack";
import { runOnStack } from "./realStack";

runOnStack("ci:deploy", "Deploys a stack and asks the model a question.", async ({ name, folder, env, pulumi }) => {
  const exitCode = await pulumi("up", "--yes", "--skip-preview", ...policyPackArguments(name, folder));
  if (exitCode !== 0) return exitCode;
  const smoke = [join(repositoryRoot, "local", "bootstrap.mjs"), join(repositoryRoot, "ops", "main.ts")];
  const result = await execa("node", [...smoke, "--stack", name, "--cwd", folder, "smoke"], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
    reject: false,
  });
  return result.exitCode ?? 1;
});
