import assert from "node:assert/strict";
import { fitted } from "../../../shared/terminal";

const terminal = { isTTY: true, columns: 40 };

describe("a text on a terminal", () => {
  it("breaks between words, below the value beside a label", () => {
    assert.equal(
      fitted("rollout     loading: the server reads the model's weights\npod         vllm-1, Running", terminal),
      "rollout     loading: the server reads\n            the model's weights\npod         vllm-1, Running",
    );
  });

  it("sets in what goes on from a line that is set in, from an error and from a quoted log", () => {
    const words = "one two three four five six seven eight nine";
    assert.equal(fitted(words, terminal), "one two three four five six seven eight\nnine");
    assert.equal(fitted(`error: ${words}`, terminal), "error: one two three four five six seven\n  eight nine");
    assert.equal(fitted(`    ${words}`, terminal), "    one two three four five six seven\n      eight nine");
    assert.equal(fitted(`  | ${words}`, terminal), "  | one two three four five six seven\n  | eight nine");
  });

  it("breaks neither a command nor a word, and counts no colour", () => {
    const command = "         mend: npm run -s ops -- doctor --stack development --fix";
    assert.equal(fitted(command, terminal), command);
    assert.equal(
      fitted("Type it again: `pulumi up --stack development --refresh`, please", terminal),
      "Type it again:\n`pulumi up --stack development --refresh`,\nplease",
    );
    const coloured = `\u001b[31m${"x".repeat(40)}\u001b[39m`;
    assert.equal(fitted(coloured, terminal), coloured);
  });

  it("stays whole in a pipe, in a file, and where the width is not known or hopeless", () => {
    const long = "word ".repeat(50);
    for (const stream of [{}, { isTTY: false, columns: 40 }, { isTTY: true }, { isTTY: true, columns: 20 }])
      assert.equal(fitted(long, stream), long);
  });
});
