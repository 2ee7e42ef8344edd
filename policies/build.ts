/**
 * Bundles the pack into `bin/pack.js`. A pack in TypeScript is type-checked at every start of the CLI, twice in an `up`,
 * which takes seconds; types are checked by `npm run check` instead. The bundle needs nothing of this repository.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import manifest from "./package.json";

const bundle = path.join(__dirname, manifest.main);

/**
 * Brings `policies/bin` up to date; nothing is written when nothing has changed. The bundle is moved into place whole, so that a
 * pack that starts meanwhile finds the old one or the new.
 */
export async function buildPolicies(): Promise<void> {
  // Only where it is needed: who imports this file may never build.
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
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
  });
  const text = outputFiles[0]?.text ?? "";
  if ((await readFile(bundle, "utf8").catch(() => "")) === text) return;
  const partial = `${bundle}.${randomBytes(4).toString("hex")}.partial`;
  await mkdir(path.dirname(bundle), { recursive: true });
  await writeFile(partial, text);
  await rename(partial, bundle);
}

// `npm ci` runs it, so that `pulumi preview --policy-pack policies` needs nothing else.
if (require.main === module) void buildPolicies();
