import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { quoted } from "../../components/text/shell";
import { surroundings, type Surroundings } from "../toolchain/resolve";
import { commandPath, commandText, isOfficial, officialPlugin, plugins, type Plugin } from "./official";

const sources = __dirname;
const root = resolve(sources, "../..");
// These belong to the set-up, not to the plugins.
const tooling = ["install.ts", "official.ts"];
/** What the plugins share with the program: how a cluster is reached and why it is not, and when two amounts are the same. */
const shared = [
  ...["components/cluster/trouble.ts", "components/cluster/proxy.ts", "components/cluster/send.ts"],
  "components/cluster/apiError.ts",
  "components/text/quantity.ts",
].map((file) => join(root, file));

/** The programs that stand in for the official plugins. The last is Pulumi's own, which needs only a command. */
const programs: [Plugin, (compiled: string) => string][] = [
  [plugins.language, (compiled) => join(compiled, "local/plugins/language/main.js")],
  [plugins.kubernetes, (compiled) => join(compiled, "local/plugins/kubernetes/main.js")],
  [plugins.random, (compiled) => join(compiled, "local/plugins/random/main.js")],
  [plugins.dynamic, () => require.resolve("@pulumi/pulumi/cmd/dynamic-provider")],
];

/**
 * Puts the official plugins, or stand-ins for those that this machine has not, into the plugin cache of `pulumiHome`, where the
 * CLI finds them without a word (on PATH it would warn). Stand-ins run on the Node that runs this; their JavaScript is compiled
 * into the same home, once per state of the sources. An official one stays as long as it is there, wherever the calling shell would look for one;
 * a change between the two kinds is told.
 */
export async function installPlugins(
  pulumiHome: string,
  log: (line: string) => void,
  around: Surroundings = surroundings(),
): Promise<void> {
  const compiled = await compile(pulumiHome);
  // Each command starts them anew, and by the language host the program too: https://nodejs.org/docs/latest-v22.x/api/module.html#module-compile-cache
  const cache = join(pulumiHome, "compile-cache");
  for (const [plugin, program] of programs) {
    const path = commandPath(pulumiHome, plugin);
    const before = await wiredTo(path);
    const official = before?.official ?? (await officialPlugin(plugin, around));
    const standIn = `env NODE_COMPILE_CACHE=${quoted(cache)} ${quoted(process.execPath)} ${quoted(program(compiled))}`;
    const command = official === undefined ? standIn : quoted(official);
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
  const target = /^exec '([^']+)' "\$@"$/m.exec(text)?.[1];
  if (target === undefined) return { wasOfficial: false };
  return { wasOfficial: true, ...((await isOfficial(target)) && { official: target }) };
}

async function compile(pulumiHome: string): Promise<string> {
  const files = [...(await sourceFiles(sources)), ...shared];
  const contents = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const { version } = (await import("typescript/package.json", { with: { type: "json" } })).default;
  const hash = createHash("sha256").update(version);
  files.forEach((file, index) => hash.update(`${relative(root, file)}\0${contents[index] ?? ""}\0`));
  const target = join(pulumiHome, "stand-ins", hash.digest("hex").slice(0, 16));
  if (await exists(target)) return target;
  const { default: ts } = await import("typescript");
  const partial = `${target}.${randomBytes(4).toString("hex")}.partial`;
  await Promise.all(
    files.map(async (file, index) => {
      const { outputText } = ts.transpileModule(contents[index] ?? "", {
        fileName: file,
        compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.Node20, inlineSourceMap: true },
      });
      const output = join(partial, relative(root, file).replace(/\.ts$/, ".js"));
      await mkdir(dirname(output), { recursive: true });
      await writeFile(output, outputText);
    }),
  );
  // By this link they find the SDK.
  await symlink(join(root, "node_modules"), join(partial, "node_modules"));
  // Two installs at once: whoever renames first wins, and both have compiled the same.
  await rename(partial, target).catch(async (error: unknown) => {
    if (!(await exists(target))) throw error;
    await rm(partial, { recursive: true, force: true });
  });
  return target;
}

async function sourceFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !tooling.includes(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function exists(path: string): Promise<boolean> {
  return readdir(path).then(
    () => true,
    () => false,
  );
}

async function writeAtomically(path: string, content: string, mode: number): Promise<void> {
  const partial = `${path}.${randomBytes(4).toString("hex")}.partial`;
  await writeFile(partial, content);
  await chmod(partial, mode);
  await rename(partial, path);
}
