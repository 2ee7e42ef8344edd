import { existsSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../local/paths";

/** Arguments that switch the policies on, with the settings that `policies.<stack>.json` in the project's folder holds for them. */
export function policyPackArguments(stack: string, folder = repositoryRoot): string[] {
  const settings = join(folder, `policies.${stack}.json`);
  const own = existsSync(settings) ? ["--policy-pack-config", settings] : [];
  return ["--policy-pack", join(repositoryRoot, "policies"), ...own];
}
