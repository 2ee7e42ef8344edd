import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { quoted } from "../../components/text/shell";
import { surroundings, type Surroundings } from "../toolchain/resolve";
import { commandPath, commandText, isOfficial, officialPlugin, plugins, type Plugin } from "./official";

/** Loaded as the project's own commands are: at once, and without being compiled first. */
const standIn = (folder: string): string[] => [
  "-r",
  join(__dirname, "../../shared/register.cjs"),
  join(__dirname, folder, "main.ts"),
];

/** The programs that stand in for the official plugins. The last is Pulumi's own, which needs only a command. */
const programs: [Plugin, () => string[]][] = [
  [plugins.language, () => standIn("language")],
  [plugins.kubernetes, () => standIn("kubernetes")],
  [plugins.random, () => standIn("random")],
  [plugins.dynamic, () => [require.resolve("@pulumi/pulumi/cmd/dynamic-provider")]],
];

/**
 * Puts the official plugins, or stand-ins for those that this machine has not, into the plugin cache of `pulumiHome`, where the
 * CLI finds them without a word (on PATH it would warn). Stand-ins run on the Node that runs this, from their sources here.
 * An official one stays as long as it is there, wherever the calling shell would look for one; a change between the two kinds
 * is told.
 */
export async function installPlugins(
  pulumiHome: string,
  log: (line: string) => void,
  around: Surroundings = surroundings(),
): Promise<void> {
  // Each command starts them anew, and by the language host the program too: https://nodejs.org/docs/latest-v22.x/api/module.html#module-compile-cache
  const cache = join(pulumiHome, "compile-cache");
  for (const [plugin, program] of programs) {
    const path = commandPath(pulumiHome, plugin);
    const before = await wiredTo(path);
    const official = before?.official ?? (await officialPlugin(plugin, around));
    const own = ["env", `NODE_COMPILE_CACHE=${cache}`, process.execPath, ...program()];
    const command = (official === undefined ? own : [official]).map(quoted).join(" ");
    await mkdir(dirname(path), { recursive: true });
    await writeAtomically(path, commandText(command), 0o755);
    if (before && before.wasOfficial !== (official !== undefined)) {
      const now = official === undefined ? "this project's stand-in" : `the official one, ${official}`;
      log(`Pulumi's plugin ${plugin.name} is ${now} from now on; a stack that the other one wrote goes on unchanged`);
    }
  }
}

/** What a command in the plugin cache starts; undefined where there is none yet. `official` is set where that is still there. */
async function wiredTo(path: string): Promise<{ wasOfficial: boolean; official?: string } | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const word = /^exec '((?:[^']|'\\'')+)' "\$@"$/m.exec(text)?.[1]; // one word: a stand-in's command has several
  const target = word?.replaceAll("'\\''", "'");
  if (target === undefined) return { wasOfficial: false };
  return { wasOfficial: true, ...((await isOfficial(target)) && { official: target }) };
}

async function writeAtomically(path: string, content: string, mode: number): Promise<void> {
  const partial = `${path}.${randomBytes(4).toString("hex")}.partial`;
  await writeFile(partial, content);
  await chmod(partial, mode);
  await rename(partial, path);
}
