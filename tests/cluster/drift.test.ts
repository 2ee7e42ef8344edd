import assert from "node:assert/strict";
import { TestStack } from "./stack";

describe("a Deployment that another tool has changed", () => {
  const namespace = "drift";
  let stack: TestStack;
  const kubectl = (...args: string[]): Promise<string> => stack.cluster.kubectl("-n", namespace, ...args);
  const server = "{.spec.template.spec.containers[0].image}";

  before(async () => {
    stack = await TestStack.create(namespace);
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
  });
  after(() => stack.remove());

  it("is found by refresh", async () => {
    await kubectl("set", "image", "deployment/vllm", "server=quay.io/somebody/else:1", "--field-manager=oc");
    const { exitCode, text } = await stack.refresh("--diff");
    assert.equal(exitCode, 0, text);
    assert.match(text, /quay\.io\/somebody\/else:1/);
  });

  it("is mended by the next up, which says what it took back from whom and waits until the pod is Ready", async () => {
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    const change =
      "Deployment vllm: 'oc' has set spec.template.spec.containers[server].image; this update takes it back.";
    assert.ok(text.includes(change), text);
    assert.equal(
      await kubectl("get", "deployment", "vllm", "-o", `jsonpath=${server}`),
      "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3",
    );
    const [live, ready, published] = await Promise.all([
      kubectl("get", "deployment", "vllm", "-o", "jsonpath={.metadata.generation}"),
      kubectl("get", "deployment", "vllm", "-o", "jsonpath={.status.readyReplicas}"),
      kubectl("get", "configmap", "vllm-published", "-o", "jsonpath={.data.deploymentGeneration}"),
    ]);
    assert.equal(ready, "1");
    assert.equal(published, live);
  });

  it("is then as the program says: nothing is left to do", async () => {
    const refreshed = await stack.refresh("--expect-no-changes");
    assert.equal(refreshed.exitCode, 0, refreshed.text);
    const { exitCode, text } = await stack.up("--expect-no-changes");
    assert.equal(exitCode, 0, text);
  });
});
