/** What pages and docstrings say of the image lines, held against their table. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { oldestDriver } from "../../../components/args/lineFacts";
import { firstLineWith } from "../../../components/images/known";
import { currentLine } from "../../../components/images/lines";

function matches(file: string, pattern: RegExp): string[] {
  const text = readFileSync(path.join(__dirname, "../../..", file), "utf8");
  return [...text.matchAll(pattern)].map(([, found = ""]) => found);
}

describe("what is said of the image lines", () => {
  it("in the README has the driver of the oldest", () => {
    assert.deepEqual(matches("README.md", /GPU operator with driver (\d+) or newer/g), [String(oldestDriver)]);
  });

  it("in the example for production is the current line, in its repository", () => {
    assert.deepEqual(matches("Pulumi.prod.yaml", /# vllm-inference:imageLine: "(.+)"/g), [currentLine.name]);
    const repository = currentLine.repository.replace("*", "cuda");
    assert.deepEqual(matches("Pulumi.prod.yaml", /registry\.redhat\.io\/(\S+)@sha256/g), [repository]);
  });

  for (const file of ["components/args/args.ts", "docs/upgrade.md"]) {
    it(`in ${file} names the first that finishes its requests`, () => {
      const named = matches(file, /from (?:image )?line (\d\.\d) on/gi);
      assert.ok(named.length > 0);
      assert.deepEqual(new Set(named), new Set([firstLineWith("flags", "--shutdown-timeout")?.name]));
    });
  }
});
