/** The base commit's files, beside the clone, which is left as it is. */
import { existsSync } from "node:fs";
import { mkdir, readFile, symlink } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { UserError } from "../shared/errors";

export interface Base {
  commit: string;
  /** The base commit's files; undefined where it has no such program yet. */
  folder?: string;
}

/** The commit that a name means; without a name, where this branch left the main one. */
export async function baseCommit(root: string, name?: string): Promise<string> {
  const git = async (...args: string[]): Promise<string | undefined> => {
    const { exitCode, stdout } = await execa("git", args, { cwd: root, reject: false });
    return exitCode === 0 ? stdout.trim() : undefined;
  };
  if (name !== undefined) {
    const commit = await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`);
    if (commit === undefined) throw new UserError(`'--base' (${name}) must be a commit of this clone; fetch it first.`);
    return commit;
  }
  for (const branch of ["origin/HEAD", "origin/main", "main", "master"]) {
    const commit = await git("merge-base", "HEAD", branch);
    if (commit !== undefined) return commit;
  }
  throw new UserError("This clone has no main branch to compare with; name a commit with --base.");
}

/** Writes the commit's files into a folder. `git archive` leaves nothing behind in the clone, which `git worktree` does after a kill. */
export async function checkOut(
  root: string,
  commit: string,
  folder: string,
  log: (line: string) => void,
  cancelSignal: AbortSignal,
): Promise<Base> {
  await mkdir(folder, { recursive: true });
  const archive = execa("git", ["archive", "--format=tar", commit], { cwd: root, encoding: "buffer" });
  await archive.pipe("tar", ["-x", "-C", folder]);
  cancelSignal.throwIfAborted();
  const program = ["index.ts", "package.json", "package-lock.json", "Pulumi.yaml"];
  if (!program.every((file) => existsSync(path.join(folder, file)))) return { commit };
  const lock = (where: string): Promise<string> => readFile(path.join(where, "package-lock.json"), "utf8");
  if ((await lock(root)) === (await lock(folder))) {
    await symlink(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  } else {
    log("installing the dependencies of the base commit");
    await execa("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder, cancelSignal });
  }
  return { commit, folder };
}
