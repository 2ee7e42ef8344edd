/**
 * Bundles the pack into `bin/pack.js`. A pack in TypeScript is type-checked at every start of the CLI, twice in an `up`,
 * which takes seconds; types are checked by `npm run check` instead. The bundle needs nothing of this repository.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import manifest from "./package.json";

const root = path.join(__dirname, "..");
const bundle = path.join(__dirname, manifest.main);
/** The licences of what is in the bundle, this project's own among them, as they ask to be passed on. */
const licences = path.join(path.dirname(bundle), "LICENSES.txt");

/**
 * Brings `policies/bin` up to date; nothing is written when nothing has changed. The bundle is moved into place whole, so that a
 * pack that starts meanwhile finds the old one or the new.
 */
export async function buildPolicies(): Promise<void> {
  // Only where it is needed: who imports this file may never build.
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [path.join(__dirname, "pack.ts")],
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    // What the engine starts the pack with must be the pack's own copy of it.
    external: Object.keys(manifest.dependencies),
    legalComments: "inline",
    logLevel: "silent",
    write: false,
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  await replace(bundle, outputFiles[0]?.text ?? "");
  await replace(licences, await licenceTexts(Object.keys(output?.inputs ?? {})));
}

async function replace(file: string, text: string): Promise<void> {
  if ((await readFile(file, "utf8").catch(() => "")) === text) return;
  const partial = `${file}.${randomBytes(4).toString("hex")}.partial`;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(partial, text);
  await rename(partial, file);
}

/** This project's licence, then each package's of which a file is in the bundle, with its name and version. */
async function licenceTexts(files: readonly string[]): Promise<string> {
  const inPackage = /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+(?=[/\\])/;
  const folders = files.flatMap((file) => inPackage.exec(path.resolve(root, file)) ?? []);
  const others = [...new Set(folders)].filter((folder) => folder !== root).sort();
  const texts = await Promise.all([root, ...others].map(licenceText));
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

async function licenceText(folder: string): Promise<string> {
  const described = await readFile(path.join(folder, "package.json"), "utf8");
  const { name, version, license } = JSON.parse(described) as { name: string; version: string; license: string };
  const names = (await readdir(folder)).filter((each) => /^(?:licen[cs]e|notice|copying)/i.test(each)).sort();
  if (names.length === 0) throw new Error(`${name} is bundled into the pack and brings no text of its licence`);
  const texts = await Promise.all(names.map((each) => readFile(path.join(folder, each), "utf8")));
  return [`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join("\n\n") + "\n";
}

// `npm ci` runs it, so that `pulumi preview --policy-pack policies` needs nothing else.
if (require.main === module) void buildPolicies();
