import { writeFileSync } from "node:fs";
import path from "node:path";
import { format, resolveConfig } from "prettier";
import type { Kind } from "../../components/images/known";
import { imageLines, type LineName } from "../../components/images/lines";
import { commandLine } from "../../shared/commandLine";
import { commandLines } from "./commandLines";
import { type Answer, allVersions, ask, interpreters } from "./versions";

const root = path.resolve(__dirname, "..", "..");
const knownFile = path.join(root, "components", "images", "vllmKnows.json");
const resultsFile = path.join(__dirname, "results.md");

/** From the first to the last version of those that have it; what went and came back would need more, and none did. */
function span(has: readonly boolean[], name: string): { from: string; to?: string } {
  const [first, last] = [has.indexOf(true), has.lastIndexOf(true)];
  if (!has.slice(first, last + 1).every(Boolean))
    throw new Error(`${name} is missing between two versions that have it`);
  const [from = "", to = ""] = [allVersions[first], allVersions[last]];
  return last === allVersions.length - 1 ? { from } : { from, to };
}

function spans(answers: readonly Answer[], kind: Kind): Record<string, { from: string; to?: string }> {
  const names = [...new Set(answers.flatMap(({ known }) => known[kind]))].sort();
  return Object.fromEntries(
    names.map((name) => [
      name,
      span(
        answers.map(({ known }) => known[kind].includes(name)),
        name,
      ),
    ]),
  );
}

/** Of the line whose vLLM it is, and of an image of which no line is known. */
function linesOf(version: string): (LineName | undefined)[] {
  return [undefined, ...imageLines.filter((line) => line.vllm === version).map(({ name }) => name)];
}

async function main(): Promise<void> {
  commandLine("npm run versions --", "Asks each vLLM what it knows, and whether it takes the command lines.").parse();
  const pythons = await interpreters(allVersions);
  const answers: Answer[] = [];
  const rows: string[] = [];
  for (const version of allVersions) {
    const rendered = linesOf(version).flatMap((line) => commandLines(line).map((each) => ({ ...each, line })));
    const answer = await ask(
      pythons[version] ?? "",
      rendered.map(({ args }) => args),
    );
    answers.push(answer);
    const refused = rendered.flatMap(({ title, line }, index) => {
      const why = answer.refused[index];
      return typeof why === "string" ? [`${line ?? "no line"}, ${title}: ${why}`] : [];
    });
    for (const each of refused) console.error(`vLLM ${version}: ${each}`);
    if (refused.length > 0) process.exitCode = 1;
    const counts = (["flags", "toolParsers", "reasoningParsers", "environment"] as const).map(
      (kind) => answer.known[kind].length,
    );
    rows.push(
      `| ${version} | ${rendered.length} | ${refused.length === 0 ? "none" : refused.join("; ")} | ${counts.join(" | ")} |`,
    );
  }
  const kinds: readonly Kind[] = [
    "flags",
    "toolParsers",
    "reasoningParsers",
    "kvCacheDtypes",
    "environment",
    "endpoints",
    "messageRoles",
  ];
  const known = Object.fromEntries(kinds.map((kind) => [kind, spans(answers, kind)]));
  await write(knownFile, JSON.stringify({ versions: allVersions, known }));
  const head =
    "| vLLM | command lines | refused | flags | tool parsers | reasoning parsers | environment switches |\n| --- | --- | --- | --- | --- | --- | --- |";
  await write(
    resultsFile,
    `# Command lines that each vLLM takes\n\nWritten by \`npm run versions\`: the packages' own parsers and checks.\n\n${head}\n${rows.join("\n")}\n`,
  );
}

async function write(file: string, text: string): Promise<void> {
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
  console.log(`wrote ${path.relative(root, file)}`);
}

void main();
