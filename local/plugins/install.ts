import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { version as kubernetes } from "@pulumi/kubernetes/package.json";
import { version as sdk } from "@pulumi/pulumi/package.json";
import { version as random } from "@pulumi/random/package.json";

const sources = __dirname;
const root = resolve(sources, "../..");

/** A plugin as the pulumi CLI knows it, and the program that stands in for it. */
interface StandIn {
  name: string;
  version: string;
  program: string;
}

/**
 * Puts stand-ins for the official plugins into the plugin cache of `pulumiHome`, where the CLI finds them without a word (on PATH
 * it would warn). They run on the Node that runs this; their JavaScript is compiled once per state of the sources, into
 * the clone's node_modules/.cache, from where they find the SDK.
 */
export async function installPlugins(pulumiHome: string): Promise<void> {
  const compiled = await compile();
  for (const { name, version, program } of standIns(compiled)) {
    const folder = join(pulumiHome, "plugins", `${name}-v${version}`);
    await mkdir(folder, { recursive: true });
    const line = `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(program)} "$@"\n`;
    await writeAtomically(join(folder, `pulumi-${name}`), line, 0o755);
  }
}

/** Versions are those of the SDKs, which ask the CLI for exactly these. */
function standIns(compiled: string): StandIn[] {
  return [
    { name: "language-nodejs", version: sdk, program: join(compiled, "language/main.js") },
    { name: "resource-kubernetes", version: kubernetes, program: join(compiled, "kubernetes/main.js") },
    { name: "resource-random", version: random, program: join(compiled, "random/main.js") },
    { name: "resource-pulumi-nodejs", version: sdk, program: require.resolve("@pulumi/pulumi/cmd/dynamic-provider") },
  ];
}

async function compile(): Promise<string> {
  const files = await sourceFiles(sources);
  const contents = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const { version } = (await import("typescript/package.json", { with: { type: "json" } })).default;
  const hash = createHash("sha256").update(version);
  files.forEach((file, index) => hash.update(`${relative(sources, file)}\0${contents[index] ?? ""}\0`));
  const target = join(root, "node_modules/.cache/plugin-stand-ins", hash.digest("hex").slice(0, 16));
  if (await exists(target)) return target;
  const { default: ts } = await import("typescript");
  const partial = `${target}.${process.pid}.partial`;
  await Promise.all(
    files.map(async (file, index) => {
      const { outputText } = ts.transpileModule(contents[index] ?? "", {
        fileName: file,
        compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.Node20, inlineSourceMap: true },
      });
      const output = join(partial, relative(sources, file).replace(/\.ts$/, ".js"));
      await mkdir(dirname(output), { recursive: true });
      await writeFile(output, outputText);
    }),
  );
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
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && entry.name !== "install.ts")
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

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
