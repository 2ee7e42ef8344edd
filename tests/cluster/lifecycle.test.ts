import assert from "node:assert/strict";
import path from "node:path";
import { canaryToken, TestStack } from "../../harness/stack";

describe("a stack from its first up to its end", () => {
  const namespace = "lifecycle";
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create(namespace, { config: { protectClaim: true } });
  });
  after(() => stack.remove());

  it("comes up with a Ready pod, a bound claim and an admitted Route", async () => {
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    const { kubectl } = stack.cluster;
    const ready = `jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}`;
    assert.equal(await kubectl("-n", namespace, "get", "pods", "-o", ready), "True");
    assert.equal(await kubectl("-n", namespace, "get", "pvc", "-o", "jsonpath={.items[*].status.phase}"), "Bound");
    assert.equal((await stack.outputs()).routeUrl, `https://vllm-${namespace}.apps.local.test`);
  });

  it("writes the token to its Secret and to no other object", async () => {
    const kinds = (await stack.cluster.kubectl("api-resources", "--verbs=list", "--namespaced", "-o", "name")).split(
      "\n",
    );
    const objects = JSON.parse(
      await stack.cluster.kubectl(
        "-n",
        namespace,
        "get",
        kinds.filter(Boolean).join(","),
        "-o",
        "json",
        "--show-managed-fields",
      ),
    ) as { items: { kind: string; metadata: { name: string } }[] };
    const encoded = Buffer.from(canaryToken).toString("base64");
    const holders = objects.items
      .filter((object) => [canaryToken, encoded].some((text) => JSON.stringify(object).includes(text)))
      .map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    assert.deepEqual(holders, ["Secret/vllm-hf-token"]);
  });

  it("keeps the token and the API key encrypted in its state", async () => {
    const { apiKey } = await stack.outputs();
    const state = await stack.pulumi("stack", "export");
    for (const secret of [canaryToken, String(apiKey)]) {
      assert.ok(!state.includes(secret), "the state holds a secret in plain text");
      assert.ok(!state.includes(Buffer.from(secret).toString("base64")), "the state holds a secret in base64");
    }
  });

  it("changes nothing and waits for nothing when nothing changed but the claim's protection", async () => {
    stack.configure({ protectClaim: false });
    const { exitCode, text } = await stack.up("--expect-no-changes");
    assert.equal(exitCode, 0, text);
  });

  it("tells another stack its URL through a StackReference", async () => {
    const main = path.join(__dirname, "programs/consumer");
    const consumer = await TestStack.create("consumer", { main, project: "consumer", beside: stack });
    const { exitCode, text } = await consumer.up();
    assert.equal(exitCode, 0, text);
    assert.deepEqual(await consumer.outputs(), {
      url: `https://vllm-${namespace}.apps.local.test`,
      names: ["Qwen/Qwen2.5-7B-Instruct-AWQ", "Qwen2.5-7B-Instruct-AWQ"],
    });
    consumer.removeFolder();
  });

  it("is destroyed, now that the claim's protection is off, and comes up again at once", async () => {
    const down = await stack.destroy();
    assert.equal(down.exitCode, 0, down.text);
    await assert.rejects(stack.cluster.kubectl("get", "namespace", namespace), /NotFound/);
    const again = await stack.up();
    assert.equal(again.exitCode, 0, again.text);
  });
});
