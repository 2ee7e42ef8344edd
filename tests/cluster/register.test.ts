import assert from "node:assert/strict";
import { startSimulatedModel, type SimulatedModel } from "../../local/simulation/model";
import { configureGateway, gatewayStack, publish, publishModel, qwen } from "./gatewayStack";
import { LiteLlmServer, type StoredEntry } from "./liteLlmServer";
import type { TestStack } from "../../harness/stack";

const modelKey = "model-key-canary-0123456789";
const adminKey = "sk-admin-key-canary-0123456789";

describe("models registered in a LiteLLM that exists", function () {
  const sonnet = "claude-sonnet-4-5-20250929";
  const haiku = "claude-haiku-4-5-20251001";
  const opus = "claude-opus-4-5-20251101";
  const foreign: StoredEntry = {
    model_name: sonnet,
    litellm_params: { model: "bedrock/claude", drop_params: true },
    model_info: { id: "somebody-elses" },
  };
  let litellm: LiteLlmServer;
  let model: SimulatedModel;
  let inference: TestStack;
  let gateway: TestStack;
  before(async () => {
    litellm = await new LiteLlmServer(adminKey).start();
    litellm.add(structuredClone(foreign));
    model = await startSimulatedModel({ apiKey: modelKey, names: qwen.servedModelNames });
    inference = await publishModel({ ...qwen, apiKey: modelKey });
    gateway = await gatewayStack("register", inference, { mode: "register", litellmUrl: litellm.url });
    setAliases(sonnet, haiku);
    await gateway.pulumi("config", "set", "--secret", "litellmAdminKey", adminKey);
  });
  after(async () => {
    await gateway.remove();
    await inference.remove();
    await litellm.stop();
    await model.close();
  });
  beforeEach(() => {
    litellm.writes = [];
    litellm.trouble = [];
    model.asked = 0;
  });

  const setAliases = (...aliases: readonly string[]): void =>
    configureGateway(gateway, { models: [{ stack: "organization/model/test", gateUrl: model.url, aliases }] });
  const own = (): StoredEntry[] =>
    [...litellm.entries.values()].filter(({ model_info: { id } }) => id !== "somebody-elses");
  const ownOf = (alias: string): StoredEntry => {
    const found = own().filter(({ model_name }) => model_name === alias);
    assert.equal(found.length, 1, `${found.length} entries for ${alias}`);
    return found[0]!;
  };
  const names = (): string[] =>
    own()
      .map(({ model_name }) => model_name)
      .toSorted();

  // That a refresh gives it none either, and that nothing is registered where parameters are dropped, is tried in tests/unit/gateway.
  it("gives no key to a version that was reported malicious", async () => {
    litellm.version = "1.107.0";
    const { exitCode, text } = await gateway.up();
    litellm.version = "1.108.7";
    assert.notEqual(exitCode, 0);
    assert.match(text, /is of version 1\.107\.0, which was reported to carry malicious code\. It was given no key\./);
    assert.equal(litellm.keysSeen, 0);
  });

  it("previews without asking the model or writing anything", async () => {
    const { exitCode, text } = await gateway.preview();
    assert.equal(exitCode, 0, text);
    assert.deepEqual([litellm.writes, model.asked], [[], 0]);
  });

  it("creates an entry for each alias, after one tool call", async () => {
    const { exitCode, text } = await gateway.up();
    assert.equal(exitCode, 0, text);
    assert.deepEqual(names(), [haiku, sonnet]);
    assert.equal(model.asked, 1);
    const { litellm_params, model_info } = ownOf(sonnet);
    assert.deepEqual(litellm_params, {
      model: "hosted_vllm/qwen",
      api_base: "https://vllm-models.apps.local.test/v1",
      api_key: modelKey,
    });
    assert.match(model_info.id, /^vllm-gateway-[0-9a-f]{24}$/);
    assert.deepEqual(
      [model_info["supports_function_calling"], model_info["supports_tool_choice"], model_info["managed_by"]],
      [true, true, "organization/vllm-gateway/test"],
    );
  });

  it("keeps both keys encrypted in the state, and out of the provider's code there", async () => {
    const state = await gateway.pulumi("stack", "export");
    assert.ok(state.includes("/v1/model/info"), "the state does not hold the provider, so nothing is proven");
    for (const key of [adminKey, modelKey]) assert.ok(!state.includes(key), "the state holds a key in plain text");
  });

  it("finds by refresh what somebody has changed, added and deleted, and mends it", async () => {
    const ids = own()
      .map(({ model_info: { id } }) => id)
      .toSorted();
    const changed = ownOf(sonnet);
    changed.model_info["supports_function_calling"] = false;
    Object.assign(changed.litellm_params, { drop_params: true, timeout: 5 });
    litellm.entries.delete(ownOf(haiku).model_info.id);
    const { exitCode, text } = await gateway.refresh();
    assert.equal(exitCode, 0, text);
    assert.match(text, /1 updated/);
    assert.match(text, /1 deleted/);
    const state = await gateway.pulumi("stack", "export");
    for (const key of [adminKey, modelKey])
      assert.ok(!state.includes(key), "the refreshed state holds a key in plain text");
    const mended = await gateway.up();
    assert.equal(mended.exitCode, 0, mended.text);
    assert.deepEqual(
      own()
        .map(({ model_info: { id } }) => id)
        .toSorted(),
      ids,
    );
    assert.equal(ownOf(sonnet).model_info["supports_function_calling"], true);
    assert.deepEqual(Object.keys(ownOf(sonnet).litellm_params).sort(), ["api_base", "api_key", "model"]);
  });

  it("then changes nothing and asks nobody, nor does a refresh find anything", async () => {
    const { exitCode, text } = await gateway.up("--expect-no-changes", "--refresh");
    assert.equal(exitCode, 0, text);
    assert.deepEqual([litellm.writes, model.asked], [[], 0]);
  });

  it("writes no alias for a model that answers no tool call, and says what came instead", async () => {
    const told = async (): Promise<string> => JSON.stringify(await gateway.outputs());
    const before = await told();
    model.answer = "raw-json";
    // All that does not wait for the gate is done before it speaks.
    model.delay = 3000;
    setAliases(sonnet, haiku, opus);
    const { exitCode, text } = await gateway.up();
    model.answer = "tool-call";
    model.delay = 0;
    assert.equal(await told(), before);
    assert.notEqual(exitCode, 0);
    assert.match(text, /answers no tool call: .*no tool_use block, so the tool call was not parsed/);
    assert.match(text, /The aliases stay as they were\./);
    assert.ok(!text.includes(modelKey) && !text.includes(adminKey), "a key was printed");
    assert.deepEqual([names(), litellm.writes], [[haiku, sonnet], []]);
  });

  it("says what was refused, while it does the rest", async () => {
    setAliases(sonnet, haiku, opus, "claude-opus-5");
    litellm.trouble = ["hang-up", "refuse"];
    const { exitCode, text } = await gateway.up("--continue-on-error");
    assert.notEqual(exitCode, 0);
    assert.match(text, /LiteLLM answered 500 to POST .*no connection to the database/);
    assert.equal(litellm.writes.length, 2);
    assert.equal(names().length, 3, "one write was done, and only its answer was lost");
  });

  it("completes what a failing run has left half done, without a second entry, and removes an alias that is configured no longer", async () => {
    setAliases(sonnet, opus, "claude-opus-5");
    const [left] = own().filter(({ model_name }) => ![sonnet, haiku].includes(model_name));
    const { exitCode, text } = await gateway.up();
    assert.equal(exitCode, 0, text);
    assert.deepEqual(names(), [opus, "claude-opus-5", sonnet].toSorted());
    const completed = `PATCH /model/${left?.model_info.id}/update`;
    assert.deepEqual(litellm.writes.toSorted(), [completed, "POST /model/delete", "POST /model/new"]);
  });

  it("removes the entries of a stack that is gone, and leaves everybody else's", async () => {
    await publish(inference, {});
    const { exitCode, text } = await gateway.up();
    assert.equal(exitCode, 0, text);
    assert.match(text, /The stack organization\/model\/test has no model .*its aliases are left out/);
    assert.doesNotMatch(text, /Undefined value/);
    assert.deepEqual([...litellm.entries.values()], [foreign]);
  });
});
