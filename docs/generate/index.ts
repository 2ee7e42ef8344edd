/**
 * `npm run docs` writes the tables of README.md and docs/*.md from the data that the program runs on, between
 * `<!-- generated: NAME -->` and `<!-- end -->`. `npm run docs -- --check` only says which file is out of date;
 * `npm run docs -- docs/faults.md` looks at that one alone.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { format, resolveConfig } from "prettier";
import { tables } from "./tables";

const root = path.resolve(__dirname, "../..");
const section = /<!-- generated: ([a-z-]+) -->\n[\s\S]*?<!-- end -->/g;

function withTables(file: string, text: string): string {
  return text.replace(section, (_, name: string) => {
    const table = tables[name];
    if (!table) throw new Error(`${file} asks for a table '${name}'; there are ${Object.keys(tables).join(", ")}.`);
    return `<!-- generated: ${name} -->\n\n${table().trim()}\n\n<!-- end -->`;
  });
}

async function main(): Promise<void> {
  const check = process.argv.includes("--check");
  const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
  const names = readdirSync(path.join(root, "docs")).map((name) => `docs/${name}`);
  const pages = ["README.md", ...names].filter((name) => name.endsWith(".md"));
  const stale: string[] = [];
  for (const file of wanted.length > 0 ? wanted : pages) {
    const absolute = path.join(root, file);
    const before = readFileSync(absolute, "utf8");
    const options = { ...(await resolveConfig(absolute)), parser: "markdown" } as const;
    const after = await format(withTables(file, before), options);
    if (after === before) continue;
    stale.push(file);
    if (!check) writeFileSync(absolute, after);
  }
  for (const file of stale)
    console.log(check ? `${file} is out of date; write it with: npm run docs` : `wrote ${file}`);
  process.exitCode = check && stale.length > 0 ? 1 : 0;
}

void main();
