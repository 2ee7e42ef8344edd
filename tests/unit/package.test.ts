/** What `npm pack` would put into a release, and what the release says of itself. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import ts from "typescript";
import { repositoryRoot as root } from "../../local/paths";

const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

/** What runs the program and its commands, and the pages; no tests, no benchmarks, nothing that a run has written. */
const packed = [
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "Pulumi.dev.yaml",
  "Pulumi.prod.yaml",
  "Pulumi.yaml",
  "README.md",
  "SECURITY.md",
  "bench/README.md",
  "ci/",
  "components/",
  "docs/",
  "gateway/",
  "index.ts",
  "local/",
  "ops/",
  "package.json",
  "plugin/",
  "policies/",
  "shared/",
  "tsconfig.json",
];

describe("a release", function () {
  let files: string[] = [];
  let tracked: string[] = [];

  before(async () => {
    const pack = await execa("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: root });
    const [release] = JSON.parse(pack.stdout) as { files: { path: string }[] }[];
    // Made by `npm pack` itself: tests/unit/library.test.ts.
    files = (release?.files ?? [])
      .map((file) => file.path)
      .filter((file) => !file.startsWith("dist/"))
      .sort();
    const known = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    tracked = (await execa("git", known, { cwd: root })).stdout.split("\0");
  });

  it("has these files and folders, and of each folder all that is no tool's or test's", () => {
    const place = (file: string): string => packed.find((name) => name.endsWith("/") && file.startsWith(name)) ?? file;
    assert.deepEqual([...new Set(files.map(place))].sort(), packed);
    const whole = tracked.filter((file) => file !== "" && packed.includes(place(file)));
    assert.deepEqual(
      whole.filter((file) => !files.includes(file) && !(file.startsWith("docs/") && !file.endsWith(".md"))),
      [],
    );
  });

  it("has nothing that a run has written: git knows each file", () => {
    assert.deepEqual(
      files.filter((file) => !tracked.includes(file)),
      [],
    );
  });

  it("imports nothing that is not in it", () => {
    const ends = ["", ".ts", ".d.ts", ".mjs", ".d.mts", "/index.ts"];
    const missing = files
      .filter((file) => /\.(ts|mjs)$/.test(file))
      .flatMap((file) => {
        const { importedFiles } = ts.preProcessFile(read(file), true, true);
        return importedFiles
          .map(({ fileName }) => fileName)
          .filter((name) => name.startsWith("."))
          .map((name) => path.join(path.dirname(file), name))
          .filter((name) => !ends.some((end) => files.includes(name + end)))
          .map((name) => `${file}: ${name}`);
      });
    assert.deepEqual(missing, []);
  });

  it("has every page that its pages link to", () => {
    const missing = files
      .filter((file) => file.endsWith(".md"))
      .flatMap((file) =>
        [...read(file).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
          .map(([, link = ""]) => path.join(path.dirname(file), link))
          .filter((link) => !files.includes(link))
          .map((link) => `${file}: ${link}`),
      );
    assert.deepEqual(missing, []);
  });

  it("has its version in the changelog, and what is not released yet above it", () => {
    const { version } = JSON.parse(read("package.json")) as { version: string };
    const headings = [...read("CHANGELOG.md").matchAll(/^## (\S+)/gm)].map(([, name]) => name);
    assert.deepEqual(headings.slice(0, 2), ["Unreleased", version]);
  });

  it("carries the licence that package.json names", () => {
    assert.equal((JSON.parse(read("package.json")) as { license: string }).license, "Apache-2.0");
    assert.match(read("LICENSE"), /^ +Apache License\n +Version 2\.0, January 2004$/m);
  });
});
