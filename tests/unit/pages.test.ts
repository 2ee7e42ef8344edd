/** How the pages look raw: in `less`, in a diff, at 100 columns. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { firstSentence, settingTable, withoutAnyPadding, withoutPadding } from "../../docs/generate/markdown";
import { pages, root } from "../../docs/generate/pages";

const read = (page: string): string => readFileSync(path.join(root, page), "utf8");
const cells = (line: string): string[] => line.split(/(?<!\\)\|/).slice(1, -1);
/** Without what stands in fences, which is code or another program's output. */
const prose = (page: string): string[] =>
  read(page)
    .replaceAll(/^ *```[\s\S]*?^ *```$/gm, "")
    .split("\n");

describe("the pages", () => {
  it("begin with a README of at most 120 lines", () => {
    assert.ok(read("README.md").trimEnd().split("\n").length <= 120);
  });

  for (const page of pages) {
    it(`${page} has no cell longer than a sentence`, () => {
      const long = prose(page)
        .filter((line) => line.startsWith("|"))
        .flatMap(cells)
        .filter((cell) => firstSentence(cell.trim())[1] !== "");
      assert.deepEqual(long, []);
    });

    it(`${page} has lines of at most 100 columns beside its tables, code and links`, () => {
      const long = prose(page).filter((line) => line.length > 100 && !/^\s*\||\]\(|https?:|^#|`[^`]{60,}`/.test(line));
      assert.deepEqual(long, []);
    });
  }

  it("have generated tables without padding", () => {
    const padded = pages.flatMap((page) =>
      [...read(page).matchAll(/<!-- generated: ([a-z-]+) -->\n([\s\S]*?)<!-- end -->/g)]
        .filter(([, , table = ""]) => table !== withoutAnyPadding(table))
        .map(([, name]) => name),
    );
    assert.deepEqual(padded, []);
  });

  it("are all named in docs/index.md", () => {
    const index = read("docs/index.md");
    const named = new Set([...index.matchAll(/\]\(([^)]+)\)/g)].map(([, link = ""]) => path.join("docs", link)));
    const others = ["README.md", "docs/index.md"];
    assert.deepEqual(
      pages.filter((page) => !named.has(page) && !others.includes(page)),
      [],
    );
  });
});

describe("a generated table", () => {
  it("has a setting's first sentence in its cell, the rest and what is long below", () => {
    const description = "How long it waits. Raise it where nodes are made on demand.";
    const long = { cpu: "2", memory: "8Gi", "nvidia.com/gpu": "1", storage: "1Gi" };
    assert.equal(
      settingTable([
        { name: "a", default: 12, description, change: "nothing" },
        { name: "b", default: long, description: "What it may use", change: "restarts" },
      ]),
      [
        "| Key | Default | What it is | A change of it |",
        "| --- | --- | --- | --- |",
        "| `a` | `12` | How long it waits. | nothing |",
        "| `b` | below | What it may use | restarts |",
        "",
        "- `a`: Raise it where nodes are made on demand.",
        `- \`b\`: Default: \`${JSON.stringify(long)}\`.`,
      ].join("\n"),
    );
  });

  it("does not take a name's dot for a sentence's end", () => {
    assert.deepEqual(firstSentence("A token (huggingface.co/settings). Secret."), [
      "A token (huggingface.co/settings).",
      "Secret.",
    ]);
    assert.deepEqual(firstSentence("At most 1.5 GiB"), ["At most 1.5 GiB", ""]);
  });

  it("loses its padding where it is wider than 100 columns with it", () => {
    const row = (cell: string): string => `| ${cell.padEnd(90)} | b     |`;
    const wide = `${row("a")}\n| ${"-".repeat(90)} | ----- |\n${row("x | y")}\n`;
    assert.equal(withoutPadding(wide), "| a | b |\n| --- | --- |\n| x | y | b |\n");
    const narrow = "| a  | b |\n| -- | - |\n";
    assert.equal(withoutPadding(narrow), narrow);
  });
});
