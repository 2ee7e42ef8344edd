import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The root of this clone. */
export const repositoryRoot = resolve(__dirname, "..");

/** Everything that the embedded cluster of this clone writes: git-ignored, removed by `npm run local -- reset`. */
export const defaultStateDir = join(repositoryRoot, ".local");

/** Where tools are kept for all clones. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "vllm-on-openshift", "tools");
}
