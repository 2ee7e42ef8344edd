/** Several models of one stack, of which one cannot start, or for which there are not enough GPUs at once. */
import assert from "node:assert/strict";
import { TestStack } from "../../harness/stack";

const coder = { modelId: "Qwen/Qwen2.5-Coder-7B-Instruct" };
const nowhere = { ...coder, nodeSelector: { gpu: "of-nobody" } };

interface Told {
  models: Record<string, { routeUrl: string; modelId: string }>;
  apiKeys: Record<string, string>;
}

describe("a model that cannot start, beside one that can", () => {
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create("together", { config: { models: { vllm: {}, coder: nowhere } } });
  });
  after(() => stack.remove());

  const told = async (): Promise<Told> => (await stack.outputs()) as unknown as Told;

  it("ends `up` with its name and the cause, once the other serves, which the outputs then tell", async () => {
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 1, text);
    assert.match(text, /coder cannot start: no node matches the node selector/);
    const { models, apiKeys } = await told();
    assert.deepEqual(Object.keys(models), ["vllm"]);
    assert.equal(models["vllm"]?.routeUrl, "https://vllm-together.apps.local.test");
    assert.match(apiKeys["vllm"] ?? "", /^[A-Za-z0-9]{40}$/);
    const state = await stack.pulumi("stack", "export");
    assert.ok(!state.includes(apiKeys["vllm"]!), "the state holds a key in plain text");
    const published = await stack.cluster.kubectl("-n", "together", "get", "configmaps", "-o", "name");
    assert.match(published, /configmap\/vllm-published/);
    assert.doesNotMatch(published, /configmap\/coder-published/);
  });

  it("is told of as soon as it serves", async () => {
    stack.configure({ models: { vllm: {}, coder } });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.deepEqual(Object.keys((await told()).models), ["coder", "vllm"]);
  });

  it("is told of as it was where it fails later, and the other as it is then", async () => {
    const before = await told();
    stack.configure({ models: { vllm: { servedModelNames: ["qwen"] }, coder: nowhere } });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 1, text);
    const { models, apiKeys } = await told();
    assert.deepEqual(models["coder"], before.models["coder"]);
    assert.deepEqual(apiKeys, before.apiKeys);
    assert.deepEqual((models["vllm"] as { servedModelNames?: string[] }).servedModelNames, [
      "Qwen/Qwen2.5-7B-Instruct-AWQ",
      "qwen",
    ]);
  });
});
