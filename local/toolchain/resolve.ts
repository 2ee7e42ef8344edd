import { accessSync, constants, statSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { devNull } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { UserError } from "../../shared/errors";
import { withLock } from "../../shared/lock.mjs";
import { cacheDir, defaultStateDir } from "../paths";
import { buildTool, goSuffices, installedGo, requiredGo } from "./build";
import { DownloadError, downloadTool, type DownloadSession } from "./download";
import { type Platform, type Tool } from "./tools";

/** Where a tool was found or how it came to be. */
export interface Resolved {
  path: string;
  source: "PATH" | "cache" | "download" | "build";
  version: string;
}

/** What resolving depends on; tests replace it. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  platform: Platform;
  cacheDir: string;
  session: DownloadSession;
  /** Says what takes time: "building etcd 3.6.4". */
  progress(text: string): void;
}

/** This machine, asked anew. */
export function surroundings(progress: (text: string) => void = () => undefined): Surroundings {
  return {
    env: { ...process.env, PATH: ownPath(process.env["PATH"]) },
    platform: platformOf(process.platform, process.arch),
    cacheDir: cacheDir(),
    session: { fetch, unreachableHosts: new Set() },
    progress,
  };
}

/**
 * PATH without this project's own links, which a shell of `npm run local -- env` has on it: the same tools by another path would be another
 * set-up of the cluster, which is then started anew.
 */
function ownPath(all = ""): string {
  const links = join(defaultStateDir, "bin");
  return all
    .split(delimiter)
    .filter((folder) => folder !== links)
    .join(delimiter);
}

function platformOf(os: string, arch: string): Platform {
  const goArch = { x64: "amd64", arm64: "arm64" }[arch];
  if ((os !== "linux" && os !== "darwin") || (goArch !== "amd64" && goArch !== "arm64")) {
    throw new UserError(
      `The embedded cluster runs on Linux and macOS (x64, arm64); this is ${os} ${arch}. On Windows use WSL 2.`,
    );
  }
  return { os, arch: goArch };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The version that a binary prints for itself, "1.34.2"; undefined when it prints none. */
async function versionOf(tool: Tool, binary: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const alone = { ...env, KUBECONFIG: devNull }; // the user's clusters are not asked, nor are their credentials got
  const result = await execa(binary, tool.versionArgs, {
    env: alone,
    extendEnv: false,
    reject: false,
    timeout: 10_000,
  });
  return /\bv?(\d+\.\d+\.\d+)(?![.\d])/.exec(result.exitCode === 0 ? result.stdout : "")?.[1];
}

async function onPath(tool: Tool, around: Surroundings): Promise<Resolved | undefined> {
  for (const folder of (around.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, tool.name);
    if (!folder || !isExecutable(path)) continue;
    const version = await versionOf(tool, path, around.env);
    // Only the first one counts: it is the one that the user means by this name.
    return version && tool.fits(version) ? { path, source: "PATH", version } : undefined;
  }
  return undefined;
}

/** Finds the tool on PATH or in the cache. */
export async function locate(tool: Tool, around: Surroundings): Promise<Resolved | undefined> {
  return (await onPath(tool, around)) ?? inCache(tool, around);
}

function inCache(tool: Tool, around: Surroundings): Resolved | undefined {
  const path = cachePath(tool, around);
  return isExecutable(path) ? { path, source: "cache", version: tool.version } : undefined;
}

function cachePath(tool: Tool, around: Surroundings): string {
  return join(around.cacheDir, tool.name, `v${tool.version}`, tool.name);
}

/** Finds the tool on PATH or in the cache, else downloads it, else builds it. */
export async function resolve(tool: Tool, around: Surroundings): Promise<Resolved> {
  const found = await locate(tool, around);
  if (found) return found;
  const path = cachePath(tool, around);
  return withLock(
    `${path}.lock`,
    async () => inCache(tool, around) ?? obtain(tool, path, around),
    (holder) => {
      around.progress(`waiting for process ${holder.pid}, which is getting ${tool.name} ${tool.version}`);
    },
  );
}

async function obtain(tool: Tool, path: string, around: Surroundings): Promise<Resolved> {
  await removePartials(path);
  const download = tool.download(around.platform);
  let whyNot = "no release with a checksum is published for this platform";
  if (download) {
    around.progress(`downloading ${tool.name} ${tool.version}`);
    try {
      await downloadTool(download, path, around.session);
      return { path, source: "download", version: tool.version };
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      whyNot = error.message;
    }
  }
  const required = await requiredGo(tool);
  const go = await installedGo(around.env);
  if (!go || !goSuffices(go, required)) {
    const have = go ? `Go ${go} is too old` : "Go is not installed";
    throw new UserError(
      `${tool.name} ${tool.version} can neither be downloaded (${whyNot}) nor built (${have}). ` +
        `Install Go ${required} or newer (https://go.dev/doc/install), or put ${tool.name} ${tool.version} on PATH.`,
    );
  }
  around.progress(`building ${tool.name} ${tool.version}${download ? ` (${whyNot})` : ""}`);
  await buildTool(tool, path, around.env);
  return { path, source: "build", version: tool.version };
}

/** What killed runs have left beside the tool. The lock is held: nobody is writing there. */
async function removePartials(path: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (name.endsWith(".partial")) await rm(join(dirname(path), name), { recursive: true, force: true });
  }
}
