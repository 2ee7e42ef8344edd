/**
 * `npm run docs` writes the tables of the pages from the data that the program runs on, between `<!-- generated: NAME -->` and
 * `<!-- end -->`, the `config:` section of Pulumi.yaml, and the
 * package's schema. `npm run docs -- --check` only says which file is out of date;
 * `npm run docs -- docs/faults.md` looks at that one alone.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { format, resolveConfig } from "prettier";
import { projectFile, renderProjectFile } from "./configuration";
import { withoutAnyPadding, withoutPadding } from "./markdown";
import { packageFile, renderPackageSchema } from "./packageSchema";
import { pages, root } from "./pages";
import { tables } from "./tables";

/** Pages are read in terminals, too. */
const prose = { parser: "markdown", proseWrap: "always", printWidth: 100 } as const;
const section = /<!-- generated: ([a-z-]+) -->\n[\s\S]*?<!-- end -->/g;

function withTables(file: string, text: string): string {
  return text.replace(section, (_, name: string) => {
    const table = tables[name];
    if (!table) throw new Error(`${file} asks for a table '${name}'; there are ${Object.keys(tables).join(", ")}.`);
    return `<!-- generated: ${name} -->\n\n${table().trim()}\n\n<!-- end -->`;
  });
}

/** What a file should be. */
async function rendered(file: string, before: string): Promise<string> {
  if (file === projectFile) return renderProjectFile();
  if (file === packageFile) return renderPackageSchema();
  const options = { ...(await resolveConfig(path.join(root, file))), ...prose };
  const formatted = await format(withTables(file, before), options);
  return withoutPadding(formatted).replace(section, withoutAnyPadding);
}

async function main(): Promise<void> {
  const check = process.argv.includes("--check");
  const known = [projectFile, packageFile, ...pages];
  const wanted = process.argv.slice(2).filter((argument) => argument !== "--check");
  const unknown = wanted.filter((argument) => !known.includes(argument));
  if (unknown.length > 0) {
    console.error(`No page is named ${unknown.join(", ")}; there are ${known.join(", ")}.`);
    process.exitCode = 2;
    return;
  }
  const stale: string[] = [];
  for (const file of wanted.length > 0 ? wanted : known) {
    const absolute = path.join(root, file);
    const before = readFileSync(absolute, "utf8");
    const after = await rendered(file, before);
    if (after === before) continue;
    stale.push(file);
    if (!check) writeFileSync(absolute, after);
  }
  for (const file of stale)
    console.log(check ? `${file} is out of date; write it with: npm run docs` : `wrote ${file}`);
  process.exitCode = check && stale.length > 0 ? 1 : 0;
}

void main();
