/** The pages that people read: README.md and its like at the top, docs/, and the README of a folder that needs one. */
import { readdirSync } from "node:fs";
import path from "node:path";

export const root = path.resolve(__dirname, "../..");

/** Paths from the project's folder. */
export const pages: readonly string[] = [
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "bench/README.md",
  "local/plugins/README.md",
  "local/simulation/README.md",
  ...readdirSync(path.join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
