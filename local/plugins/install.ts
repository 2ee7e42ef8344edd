import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";

const sources = __dirname;
const root = resolve(sources, "../..");

/** The command that the pulumi CLI looks for on PATH, and the program behind it. */
const plugins: Record<string, string> = {
  "pulumi-language-nodejs": "language/main.js",
  "pulumi-resource-kubernetes": "kubernetes/main.js",
  "pulumi-resource-random": "random/main.js",
};

/**
 * Writes the plugin stand-ins into `binDir` as commands for the pulumi CLI. They run on the Node that runs this; their
 * JavaScript is compiled once per state of the sources, into the clone's `.local/plugins/`, next to its node_modules.
 */
export async function installPlugins(binDir: string): Promise<void> {
  const compiled = await compile();
  await mkdir(binDir, { recursive: true });
  const commands = Object.entries(plugins).map(([command, program]) => [command, join(compiled, program)] as const);
  const dynamic = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
  for (const [command, program] of [...commands, ["pulumi-resource-pulumi-nodejs", dynamic] as const]) {
    const line = `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(program)} "$@"\n`;
    await writeAtomically(join(binDir, command), line, 0o755);
  }
}

async function compile(): Promise<string> {
  const files = await sourceFiles(sources);
  const contents = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const { version } = (await import("typescript/package.json", { with: { type: "json" } })).default;
  const hash = createHash("sha256").update(version);
  files.forEach((file, index) => hash.update(`${relative(sources, file)}\0${contents[index] ?? ""}\0`));
  const target = join(root, ".local/plugins", hash.digest("hex").slice(0, 16));
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
