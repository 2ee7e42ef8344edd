/** What an `up` of this version does to what an earlier one has made. */
import assert from "node:assert/strict";
import { restore } from "./oldState";
import { TestStack } from "../../harness/stack";

interface Preview {
  changeSummary: Record<string, number>;
}

describe("the state that an earlier version has left", () => {
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create("before-flat");
    await restore(stack, "oneModel");
  });
  after(() => stack.remove());

  it("is previewed without a replacement, a deletion or a creation", async () => {
    const text = await stack.pulumi("preview", "--json", "--non-interactive");
    const { changeSummary } = JSON.parse(text.slice(text.indexOf("{"))) as Preview;
    assert.deepEqual(Object.keys(changeSummary).toSorted(), ["same", "update"]);
  });

  it("is taken over by one `up`, after which there is nothing left to do", async () => {
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.match(text, /^Resources:\n +~ \d+ updated\n +\d+ unchanged$/m);
    const nothing = await stack.preview("--refresh", "--expect-no-changes");
    assert.equal(nothing.exitCode, 0, nothing.text);
  });
});
