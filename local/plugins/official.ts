import { access, constants, mkdir, open, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { version as kubernetes } from "@pulumi/kubernetes/package.json";
import { version as sdk } from "@pulumi/pulumi/package.json";
import { version as random } from "@pulumi/random/package.json";
import { withLock } from "../../shared/lock.mjs";
import { DownloadError, downloadTool } from "../toolchain/download";
import { locate, surroundings, type Surroundings } from "../toolchain/resolve";
import { tools, type Platform } from "../toolchain/tools";

/** A plugin as the pulumi CLI knows it; the version is that of its SDK, which asks for exactly this one. */
export interface Plugin {
  name: string;
  version: string;
  /** Its GitHub repository, for those that are released on their own; the others come with the CLI. */
  repository?: string;
}

export const plugins = {
  language: { name: "language-nodejs", version: sdk },
  dynamic: { name: "resource-pulumi-nodejs", version: sdk },
  kubernetes: { name: "resource-kubernetes", version: kubernetes, repository: "pulumi-kubernetes" },
  random: { name: "resource-random", version: random, repository: "pulumi-random" },
} satisfies Record<string, Plugin>;

/** In every command that this project writes, to tell it from an official plugin. */
const commandMark = "written by local/plugins/install.ts";

/** A command that runs another, quoted one. */
export const commandText = (quoted: string): string => `#!/bin/sh\n# ${commandMark}\nexec ${quoted} "$@"\n`;

/** Where the plugin cache under `home` keeps a plugin's command. */
export function commandPath(home: string, { name, version }: Plugin): string {
  return join(home, "plugins", `${name}-v${version}`, `pulumi-${name}`);
}

/** The command of the official plugin, where this machine has it: beside the CLI, in our cache, in the user's Pulumi home, on PATH. */
export async function officialPlugin(
  plugin: Plugin,
  around: Surroundings = surroundings(),
): Promise<string | undefined> {
  // In a shell of `npm run local -- env` the home is the project's own, which holds nothing official: the user's counts there, too.
  const homes = [around.cacheDir, around.env["PULUMI_HOME"], join(around.env["HOME"] ?? homedir(), ".pulumi")];
  const candidates = homes.flatMap((home) => (home === undefined ? [] : [commandPath(home, plugin)]));
  candidates.push(...foldersOnPath(around).map((folder) => join(folder, `pulumi-${plugin.name}`)));
  const cli = plugin.repository === undefined ? await locate(tools.pulumi, around) : undefined;
  if (cli !== undefined) candidates.unshift(join(dirname(await realpath(cli.path)), `pulumi-${plugin.name}`));
  for (const candidate of candidates) if (await isOfficial(candidate)) return candidate;
  return undefined;
}

function foldersOnPath({ env }: Surroundings): string[] {
  return (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
}

/** Executable, and not a command of this or another clone. */
export async function isOfficial(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
  } catch {
    return false;
  }
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(1000) });
    return !buffer.subarray(0, bytesRead).includes(commandMark);
  } finally {
    await file.close();
  }
}

/** A plugin's release and where its checksum is published. */
function download({ name, version, repository }: Plugin, { os, arch }: Platform) {
  const file = `pulumi-${name}-v${version}-${os}-${arch}.tar.gz`;
  const release = `https://github.com/pulumi/${repository ?? ""}/releases/download/v${version}`;
  const checksumUrl = `${release}/${repository ?? ""}_${version}_checksums.txt`;
  return { url: `${release}/${file}`, checksumUrl, checksumEntry: file, archiveFolder: "." };
}

/** Time for the answer to begin. The stand-ins are at hand, so a dead network must not cost more. */
const answerTimeout = 2000;

/** Downloads the official plugins that are not installed here, and says in one line which serve: the official ones, or stand-ins and why. */
export async function obtainPlugins(log: (line: string) => void, around: Surroundings = surroundings()): Promise<void> {
  const session = { ...around.session, answerTimeout };
  const found: string[] = [];
  const missing: string[] = [];
  let reason = "they come with the CLI's download, and this CLI was built";
  for (const plugin of [plugins.language, plugins.kubernetes, plugins.random] as Plugin[]) {
    const title = `${plugin.name} ${plugin.version}`;
    const command = await officialPlugin(plugin, around);
    if (command !== undefined) {
      found.push(`${title} (${command}${foldersOnPath(around).includes(dirname(command)) ? onPath : ""})`);
      continue;
    }
    const target = commandPath(around.cacheDir, plugin);
    try {
      if (plugin.repository === undefined) throw new DownloadError(reason, false);
      await mkdir(dirname(target), { recursive: true });
      await withLock(`${target}.lock`, () => downloadTool(download(plugin, around.platform), target, session));
      found.push(`${title} (downloaded)`);
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      reason = error.message;
      missing.push(title);
    }
  }
  const official = found.length > 0 ? [`the official Pulumi plugins ${found.join(", ")}`] : [];
  const own = `this project's stand-ins for the Pulumi plugins ${missing.join(", ")}: not installed here, and ${reason}`;
  log(`using ${[...official, ...(missing.length > 0 ? [own] : [])].join(", and ")}`);
}

/** Whatever stands in the plugin cache, the CLI takes what it finds there, and warns of it twice in each command. */
const onPath = ", on PATH, of which pulumi warns with each command";
