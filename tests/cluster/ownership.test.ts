import assert from "node:assert/strict";
import { TestStack } from "../../harness/stack";

describe("stacks in one cluster", () => {
  let first: TestStack;
  let second: TestStack;
  before(async () => {
    first = await TestStack.create("stack-one");
    second = await TestStack.create("stack-two", { beside: first, stack: "second" });
  });
  after(async () => {
    await second.remove();
    await first.remove();
  });

  it("stop at an object that exists already and is nobody's, with the setting that allows it, and leave it as it was", async () => {
    const { kubectl } = second.cluster;
    await kubectl("create", "namespace", "stack-two");
    const refused = await second.up();
    assert.equal(refused.exitCode, 1, refused.text);
    assert.match(
      refused.text,
      /Namespace 'stack-two' exists already and was made by 'kubectl-create', not by this stack/,
    );
    assert.match(refused.text, /`pulumi config set --stack second adoptExisting true`/);
    assert.equal(await kubectl("get", "namespace", "stack-two", "-o", "jsonpath={.metadata.annotations}"), "");
  });

  it("come up side by side, also where one adopts what exists", async () => {
    second.configure({ adoptExisting: true });
    const ups = await Promise.all([first.up(), second.up()]);
    for (const { exitCode, text } of ups) assert.equal(exitCode, 0, text);
    const urls = ups.map(({ text }) => /routeUrl +: "(.*)"/.exec(text)?.[1]);
    assert.deepEqual(urls, ["https://vllm-stack-one.apps.local.test", "https://vllm-stack-two.apps.local.test"]);
  });

  it("stop at an object that belongs to another stack, with that stack's name, though they may adopt", async () => {
    const config = { createNamespace: false, adoptExisting: true };
    const third = await TestStack.create("stack-one", { beside: first, stack: "third", config });
    const refused = await third.up();
    assert.equal(refused.exitCode, 1, refused.text);
    assert.match(
      refused.text,
      /belongs to the stack 'organization\/vllm-inference\/test'; this stack is 'organization\/vllm-inference\/third'/,
    );
    const destroyed = await third.destroy();
    assert.equal(destroyed.exitCode, 0, destroyed.text);
    third.removeFolder();
  });

  it("leave each other as they were at their end, one that was refused as well as one beside", async () => {
    const destroyed = await second.destroy();
    assert.equal(destroyed.exitCode, 0, destroyed.text);
    const still = await first.preview("--refresh", "--expect-no-changes");
    assert.equal(still.exitCode, 0, still.text);
  });
});
