/** What `npm run local` needs of this machine, looked at before anything begins: every lack in one message. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { clusterLayout } from "../cluster/spec";
import { UserError } from "../../shared/errors";
import { cacheDir, defaultStateDir } from "../paths";
import { nearestExisting, spaceProblem, unwritable } from "../../shared/trouble.mjs";

/** A folder that is needed. */
export interface Place {
  folder: string;
  /** What comes to lie there, as the beginning of a sentence. */
  what: string;
  /** The free space that it takes, in MiB; with 0 it is only read. */
  neededMiB: number;
  /** How another folder is taken for it. */
  elsewhere: string;
  /** Characters that a path here must not hold, for those who could not read it. */
  unreadable: RegExp;
}

/** Where the embedded cluster lies, and its tools, of which these are still to come. A cache that holds all of them may be read-only. */
export function placesFor(missingTools: readonly string[]): Place[] {
  const created = existsSync(clusterLayout(defaultStateDir).marker);
  const cluster: Place = {
    folder: defaultStateDir,
    what: "The embedded cluster",
    neededMiB: created ? 50 : 300, // etcd alone writes 128 MiB before its first key
    elsewhere: "clone the repository into another folder",
    // kwokctl and KWOK take them for the end of a path, PATH takes the colon for one.
    unreadable: /[,":\n]/,
  };
  const cache: Place = {
    folder: cacheDir(),
    what: "The tools that are missing",
    neededMiB: 100 * missingTools.length, // the largest has 98
    elsewhere: "let XDG_CACHE_HOME name another folder",
    // kwokctl reads the path of a binary as a URL.
    unreadable: /[#%:\n]/,
  };
  return [cluster, cache];
}

/** Open files that one process needs: with 256 the language host ends with EMFILE when it looks for packages, with 512 all went well. */
export const neededFiles = 1024;

/** Throws one error with all that is lacking. */
export function preflight(places: readonly Place[], openFiles = openFilesLimit()): void {
  const problems = [...places.flatMap(problemsOf), ...filesProblems(openFiles)];
  if (problems.length === 1) throw new UserError(problems[0]);
  if (problems.length > 0) throw new UserError(problems.map((problem) => `\n  - ${problem}`).join(""));
}

function problemsOf({ folder, what, neededMiB, elsewhere, unreadable }: Place): string[] {
  const [character] = unreadable.exec(folder) ?? [];
  if (character !== undefined)
    return [
      `The path '${folder}' must not hold ${JSON.stringify(character)}, which ends a path for a tool that reads it; ${elsewhere}.`,
    ];
  if (neededMiB === 0) return [];
  const refused = writingRefused(folder);
  if (refused !== undefined) return [unwritable(refused.path, refused.code, elsewhere)];
  const space = spaceProblem(folder, neededMiB, what, elsewhere);
  return space === undefined ? [] : [space];
}

/** The first path that cannot be written, looked for two levels deep: a command that was once run with sudo leaves such. */
function writingRefused(folder: string): { path: string; code: string | undefined } | undefined {
  const children = existsSync(folder) ? entriesOf(folder) : [];
  for (const path of [nearestExisting(folder), ...children, ...children.flatMap(entriesOf)]) {
    try {
      accessSync(path, constants.W_OK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT") return { path, code }; // it is gone meanwhile
    }
  }
  return undefined;
}

/** Files and folders in a folder, links left out; none where it is no folder. */
function entriesOf(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.isSymbolicLink()).map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}

function filesProblems(limit: number): string[] {
  if (limit >= neededFiles) return [];
  return [
    `Only ${limit} files may be open at once, and the control plane needs ${neededFiles}; allow more in this shell (ulimit -n ${neededFiles}), or ask the administrator of this machine.`,
  ];
}

/** How many files a process may open at most: Node and Go raise their own limit as far as this one. */
function openFilesLimit(): number {
  const limits = process.platform === "linux" ? readFileSync("/proc/self/limits", "utf8") : "";
  const text =
    /^Max open files +\S+ +(\S+)/m.exec(limits)?.[1] ??
    spawnSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).stdout.trim();
  return text === "unlimited" ? Infinity : Number(text);
}
