import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa, ExecaError } from "execa";
import { UserError } from "../../shared/errors";
import { repositoryRoot } from "../paths";
import type { Tool } from "./tools";

/** The Go that a module asks for: its `go` line. */
export async function requiredGo(tool: Tool): Promise<string> {
  const goMod = await readFile(join(moduleDir(tool), "go.mod"), "utf8");
  return /^go (\S+)$/m.exec(goMod)?.[1] ?? "1.24";
}

function moduleDir(tool: Tool): string {
  return join(repositoryRoot, "local", "tools", tool.build.module);
}

/** The version of the Go on PATH, "1.24.3"; undefined when there is none. */
export async function installedGo(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const { stdout } = await execa("go", ["env", "GOVERSION"], { env, extendEnv: false, cwd: repositoryRoot });
    return /^go(\d+(?:\.\d+)*)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** True when Go `installed` can build a module whose go line is `required`. */
export function goSuffices(installed: string, required: string): boolean {
  const [left, right] = [installed, required].map((version) => version.split(".").map(Number)) as [number[], number[]];
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Builds the tool from its pinned module and puts it at `target`; nothing is there until it is whole. */
export async function buildTool(tool: Tool, target: string, env: NodeJS.ProcessEnv): Promise<void> {
  const partial = `${target}.${process.pid}.partial`;
  await mkdir(dirname(target), { recursive: true });
  const { ldflags } = tool.build;
  try {
    await execa("go", ["build", "-trimpath", "-mod=readonly", "-ldflags", ldflags, "-o", partial, tool.build.package], {
      cwd: moduleDir(tool),
      env: { ...env, CGO_ENABLED: "0" },
      extendEnv: false,
    });
    await rename(partial, target);
  } catch (error) {
    const last = error instanceof ExecaError ? String(error.stderr).trim().split("\n").slice(-3).join(" / ") : "";
    throw new UserError(`go build ${tool.build.package} failed${last ? `: ${last}` : ""}`, { cause: error });
  } finally {
    await rm(partial, { force: true });
  }
}
