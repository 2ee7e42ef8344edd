import assert from "node:assert/strict";
import { TestStack } from "./stack";

describe("two stacks in two namespaces of one cluster", () => {
  it("come up side by side, and one's end leaves the other as it was", async () => {
    const first = await TestStack.create("stack-one");
    const second = await TestStack.create("stack-two", { beside: first, stack: "second" });
    try {
      const ups = await Promise.all([first.up(), second.up()]);
      for (const { exitCode, text } of ups) assert.equal(exitCode, 0, text);
      const urls = await Promise.all([first, second].map(async (stack) => (await stack.outputs()).routeUrl));
      assert.deepEqual(urls, ["https://vllm-stack-one.apps.local.test", "https://vllm-stack-two.apps.local.test"]);
      const destroyed = await second.destroy();
      assert.equal(destroyed.exitCode, 0, destroyed.text);
      const still = await first.preview("--refresh", "--expect-no-changes");
      assert.equal(still.exitCode, 0, still.text);
    } finally {
      await second.remove();
      await first.remove();
    }
  });
});

describe("an object that exists already", () => {
  it("and is nobody's stops up with the setting that allows it, and is left as it was", async () => {
    const namespace = "owned-by-hand";
    const stack = await TestStack.create(namespace);
    try {
      await stack.cluster.kubectl("create", "namespace", namespace);
      const refused = await stack.up();
      assert.equal(refused.exitCode, 1, refused.text);
      assert.match(
        refused.text,
        new RegExp(`Namespace '${namespace}' exists already and was made by 'kubectl-create', not by this stack`),
      );
      assert.match(refused.text, /`pulumi config set --stack test adoptExisting true`/);
      const labels = await stack.cluster.kubectl(
        "get",
        "namespace",
        namespace,
        "-o",
        "jsonpath={.metadata.annotations}",
      );
      assert.equal(labels, "");

      stack.configure({ adoptExisting: true });
      const adopted = await stack.up();
      assert.equal(adopted.exitCode, 0, adopted.text);
    } finally {
      await stack.remove();
    }
  });

  it("and belongs to another stack stops up with that stack's name, and survives this one's destroy", async () => {
    const namespace = "owned-by-first";
    const first = await TestStack.create(namespace);
    const second = await TestStack.create(namespace, {
      beside: first,
      stack: "second",
      config: { createNamespace: false, adoptExisting: true },
    });
    try {
      const up = await first.up();
      assert.equal(up.exitCode, 0, up.text);
      const refused = await second.up();
      assert.equal(refused.exitCode, 1, refused.text);
      assert.match(
        refused.text,
        /belongs to the stack 'organization\/vllm-inference\/test'; this stack is 'organization\/vllm-inference\/second'/,
      );
      const destroyed = await second.destroy();
      assert.equal(destroyed.exitCode, 0, destroyed.text);
      const still = await first.preview("--refresh", "--expect-no-changes");
      assert.equal(still.exitCode, 0, still.text);
    } finally {
      await first.remove();
    }
  });
});
