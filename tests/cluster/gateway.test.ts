import assert from "node:assert/strict";
import { startSimulatedModel, type SimulatedModel } from "../../local/simulation/model";
import { gatewayStack, publishModel } from "./gatewayStack";
import type { TestStack } from "./stack";

const modelKey = "model-key-canary-0123456789";

describe("the gateway deployed on the cluster", () => {
  const namespace = "gateway";
  let model: SimulatedModel;
  let inference: TestStack;
  let gateway: TestStack;
  before(async () => {
    model = await startSimulatedModel({ apiKey: modelKey });
    inference = await publishModel(undefined, {
      routeUrl: "https://vllm-models.apps.local.test",
      internalUrl: "http://vllm.models.svc:8000",
      modelId: "Qwen/Qwen2.5-7B-Instruct-AWQ",
      servedModelNames: ["Qwen/Qwen2.5-7B-Instruct-AWQ", "qwen"],
      maxModelLen: 32768,
      toolCallParser: "hermes",
      apiKey: modelKey,
    });
    gateway = await gatewayStack(namespace, inference, {
      models: [{ stack: "organization/model/test", gateUrl: model.url, aliases: ["claude-sonnet-4-5-20250929"] }],
    });
  });
  after(async () => {
    await gateway.remove();
    await inference.remove();
    await model.close();
  });

  it("comes up with a Ready pod under Pod Security `restricted` and an admitted Route", async () => {
    const { exitCode, text } = await gateway.up();
    assert.equal(exitCode, 0, text);
    const { url, aliases } = await gateway.outputs();
    assert.equal(url, `https://litellm-${namespace}.apps.local.test`);
    assert.deepEqual(aliases, ["claude-sonnet-4-5-20250929"]);
  });
});
