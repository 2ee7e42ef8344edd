import { access, constants, mkdir, open, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
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

/** The command of the official plugin, where this machine has it: beside the CLI, in our cache, in the user's Pulumi home. */
export async function officialPlugin(
  plugin: Plugin,
  around: Surroundings = surroundings(),
): Promise<string | undefined> {
  const homes = [around.cacheDir, around.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi")];
  const candidates = homes.map((home) => commandPath(home, plugin));
  const cli = plugin.repository === undefined ? await locate(tools.pulumi, around) : undefined;
  if (cli !== undefined) candidates.unshift(join(dirname(await realpath(cli.path)), `pulumi-${plugin.name}`));
  for (const candidate of candidates) if (await isOfficial(candidate)) return candidate;
  return undefined;
}

/** Executable, and not a command of this or another clone. */
async function isOfficial(path: string): Promise<boolean> {
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

/**
 * Downloads the official plugins that are not installed here, and says in one line which stand-ins serve instead of those
 * that cannot be had.
 */
export async function obtainPlugins(log: (line: string) => void, around: Surroundings = surroundings()): Promise<void> {
  const session = { ...around.session, answerTimeout };
  const missing: Plugin[] = [];
  let reason = "they come with the CLI's download, and this CLI was built";
  for (const plugin of [plugins.language, plugins.kubernetes, plugins.random] as Plugin[]) {
    if ((await officialPlugin(plugin, around)) !== undefined) continue;
    const target = commandPath(around.cacheDir, plugin);
    try {
      if (plugin.repository === undefined) throw new DownloadError(reason, false);
      await mkdir(dirname(target), { recursive: true });
      await withLock(`${target}.lock`, () => downloadTool(download(plugin, around.platform), target, session));
      log(`${plugin.name} ${plugin.version}: downloaded`);
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      reason = error.message;
      missing.push(plugin);
    }
  }
  if (missing.length === 0) return;
  const names = missing.map(({ name, version }) => `${name} ${version}`).join(", ");
  log(`using this project's stand-ins for the Pulumi plugins ${names}: not installed here, and ${reason}`);
}
