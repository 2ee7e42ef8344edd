import assert from "node:assert/strict";
import path from "node:path";
import { TestStack } from "../../harness/stack";

describe("two components in one namespace", () => {
  const namespace = "two-models";
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create(namespace, {
      main: path.join(__dirname, "programs/twoComponents"),
      project: "two-models",
    });
    const { kubeconfig, context } = stack.cluster;
    Object.assign(stack.env, {
      TEST_KUBECONFIG: kubeconfig,
      TEST_CONTEXT: context,
      TEST_NAMESPACE: namespace,
    });
  });
  after(() => stack.remove());

  it("come up side by side, each with a Route of its own", async () => {
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.deepEqual(await stack.outputs(), {
      urls: ["https://vllm-two-models.apps.local.test", "https://coder-two-models.apps.local.test"],
    });
    const names = await stack.cluster.kubectl("-n", namespace, "get", "deploy,pvc,secret", "-o", "name");
    assert.deepEqual(names.split("\n").toSorted(), [
      "deployment.apps/coder",
      "deployment.apps/vllm",
      "persistentvolumeclaim/coder-models-cache",
      "persistentvolumeclaim/vllm-models-cache",
      "secret/coder-api-key",
      "secret/coder-hf-token",
      "secret/vllm-api-key",
      "secret/vllm-hf-token",
    ]);
  });

  it("are destroyed together", async () => {
    const { exitCode, text } = await stack.destroy();
    assert.equal(exitCode, 0, text);
  });
});
