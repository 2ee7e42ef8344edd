/**
 * Compiles the pack into `bin/`. A pack in TypeScript is type-checked at every start of the CLI, twice in an `up`, which
 * takes seconds; types are checked by `npm run check` instead.
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type * as TypeScript from "typescript";
import { version as typescriptVersion } from "typescript/package.json";

const root = path.resolve(__dirname, "..");
const bin = path.join(__dirname, "bin");
const entry = path.join(bin, "pack.js");

/**
 * Brings `policies/bin` up to date; nothing is written when no source has changed. Each build lies in a folder named after
 * its content and `pack.js` is moved into place last, so that a pack that starts meanwhile finds the old one or the new.
 */
export async function buildPolicies(): Promise<void> {
  const sources = await collectSources();
  const hash = createHash("sha256").update(typescriptVersion);
  for (const [file, text] of sources) hash.update(`\n${file}\n${text}`);
  const build = hash.digest("hex").slice(0, 16);
  const loader = `require("./${build}/policies/pack.js");\n`;
  const previous = await readFile(entry, "utf8").catch(() => "");
  if (previous === loader && existsSync(path.join(bin, build))) return;

  // Loading the compiler takes longer than all the rest.
  const typescript = (await import("typescript")).default;
  await mkdir(bin, { recursive: true });
  const partial = path.join(bin, `${build}.${randomBytes(4).toString("hex")}.partial`);
  for (const [file, text] of sources) {
    const target = path.join(partial, file.replace(/\.ts$/, ".js"));
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, file.endsWith(".ts") ? compile(typescript, file, text) : text);
  }
  if (existsSync(path.join(bin, build))) await rm(partial, { recursive: true });
  else await rename(partial, path.join(bin, build)).catch((error: unknown) => keepOther(error, partial, build));
  const newEntry = `${partial}.js`;
  await writeFile(newEntry, loader);
  await rename(newEntry, entry);
  await removeOthers([build, /\.\/(\w+)\//.exec(previous)?.[1] ?? build, "pack.js"]);
}

/** Two builds at once make the same folder; the one that was first is as good. */
async function keepOther(error: unknown, partial: string, build: string): Promise<void> {
  if (!existsSync(path.join(bin, build))) throw error;
  await rm(partial, { recursive: true });
}

/** The build before stays, for a pack that is just starting from it; so does what another process is writing. */
async function removeOthers(kept: readonly string[]): Promise<void> {
  for (const name of await readdir(bin)) {
    if (!kept.includes(name) && !name.includes(".partial"))
      await rm(path.join(bin, name), { recursive: true, force: true });
  }
}

const relativeImport = /\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;

/** pack.ts and everything that it imports from this repository, by path relative to the root. */
async function collectSources(): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  const waiting = [path.join(__dirname, "pack.ts")];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const name = path.relative(root, file);
    if (sources.has(name)) continue;
    const text = await readFile(file, "utf8");
    sources.set(name, text);
    if (!file.endsWith(".ts")) continue;
    for (const [, imported = ""] of text.matchAll(relativeImport)) {
      waiting.push(resolveImport(path.resolve(path.dirname(file), imported)));
    }
  }
  return new Map([...sources].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function resolveImport(base: string): string {
  const found = [base, `${base}.ts`, path.join(base, "index.ts")].find(
    (file) => existsSync(file) && path.extname(file) !== "",
  );
  if (found === undefined) throw new Error(`policies/build.ts: no file for the import of ${path.relative(root, base)}`);
  return found;
}

function compile(typescript: typeof TypeScript, file: string, text: string): string {
  return typescript.transpileModule(text, {
    fileName: file,
    compilerOptions: {
      target: typescript.ScriptTarget.ES2023,
      module: typescript.ModuleKind.CommonJS,
      esModuleInterop: true,
    },
  }).outputText;
}

// `npm ci` runs it, so that `pulumi preview --policy-pack policies` needs nothing else.
if (require.main === module) void buildPolicies();
