/** The checkers that are no npm packages: made ready when `npm run check` needs them, and kept in the cache with the other tools. */
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { withLock } from "../shared/lock.mjs";
import { cacheDir } from "../local/paths";
import { versions } from "../local/versions";

/** The path of a checker, in a virtual environment of its own. It counts only with its `.complete` file, which is written last. */
export async function pythonTool(name: "zizmor" | "checkov" | "ruff"): Promise<string> {
  const folder = path.join(path.dirname(cacheDir()), "venvs", `${name}-${versions[name]}`);
  const complete = path.join(folder, ".complete");
  await mkdir(path.dirname(folder), { recursive: true });
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(complete)) return;
    await rm(folder, { recursive: true, force: true });
    await execa("python3", ["-m", "venv", folder]);
    const install = ["-m", "pip", "install", "--quiet", "--no-input", `${name}==${versions[name]}`];
    await execa(path.join(folder, "bin", "python"), install, { env: { PIP_DISABLE_PIP_VERSION_CHECK: "1" } });
    await writeFile(complete, "");
  });
  return path.join(folder, "bin", name);
}
