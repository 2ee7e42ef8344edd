import assert from "node:assert/strict";
import { entry } from "../../../gateway/entries";
import { type RegistrationInputs, registrationProvider as provider } from "../../../gateway/register/provider";
import { LiteLlmServer } from "../../cluster/liteLlmServer";
import { listOf, model } from "./models";

const adminKey = "sk-admin-canary";
const apiKey = "model-key-canary";

describe("an entry of a LiteLLM that exists", () => {
  let server: LiteLlmServer;
  let inputs: RegistrationInputs;
  let id: string;
  beforeEach(async () => {
    server = await new LiteLlmServer(adminKey).start();
    const { litellm_params, ...rest } = entry(listOf(model())[0]!, "hosted_vllm", undefined);
    const { api_key: _none, ...params } = { ...litellm_params };
    assert.equal(_none, "none");
    inputs = { url: server.url, adminKey, apiKey, entry: { ...rest, litellm_params: params } };
    ({ id } = inputs.entry.model_info);
  });
  afterEach(() => server.stop());

  const diff = async (news: Partial<RegistrationInputs>): Promise<unknown> =>
    provider.diff!(id, inputs, { ...inputs, ...news });

  it("is created under its own id, with the key that is shown to nobody", async () => {
    const { id: made } = await provider.create(inputs);
    assert.equal(made, id);
    assert.equal(server.entries.get(id)?.litellm_params["api_key"], apiKey);
    const read = await provider.read!(id, inputs);
    assert.deepEqual([read.id, read.props?.entry], [id, inputs.entry], "what was written is what is read");
  });

  it("is left alone where its id is somebody else's", async () => {
    const theirs = { model_name: "x", litellm_params: { model: "y" }, model_info: { id } };
    server.add(structuredClone(theirs));
    await assert.rejects(
      provider.create(inputs),
      /has an entry .* that does not belong to organization\/vllm-gateway\/test/,
    );
    assert.equal((await provider.read!(id, inputs)).id, "", "theirs is not ours");
    await provider.delete!(id, inputs);
    assert.deepEqual([server.entries.get(id), server.writes], [theirs, []]);
  });

  it("is completed where a worker does not know yet that it exists", async () => {
    await provider.create(inputs);
    server.stale = true;
    server.writes = [];
    await provider.create(inputs);
    assert.deepEqual(server.writes, ["POST /model/new", `PATCH /model/${id}/update`]);
    assert.equal(server.entries.size, 1);
  });

  it("is patched for a change, and made anew to get rid of what somebody has added", async () => {
    await provider.create(inputs);
    server.writes = [];
    await provider.update!(id, inputs, { ...inputs, apiKey: "another" });
    assert.equal(server.entries.get(id)?.litellm_params["api_key"], "another");
    server.entries.get(id)!.litellm_params["additional_drop_params"] = ["tools"];
    await provider.update!(id, inputs, inputs);
    assert.deepEqual(server.writes, [`PATCH /model/${id}/update`, "POST /model/delete", "POST /model/new"]);
    assert.ok(!("additional_drop_params" in server.entries.get(id)!.litellm_params));
  });

  it("is gone after its deletion, and deleting it twice is no error", async () => {
    await provider.create(inputs);
    await provider.delete!(id, inputs);
    await provider.delete!(id, inputs);
    assert.equal(server.entries.size, 0);
    assert.equal((await provider.read!(id, inputs)).id, "");
  });

  it("differs by its content and its keys, and moves with the URL", async () => {
    const inPlace = { replaces: [], deleteBeforeReplace: false };
    assert.deepEqual(await diff({}), { changes: false, ...inPlace });
    const { entry: same } = inputs;
    const reordered = Object.fromEntries(Object.entries(same).toReversed()) as typeof same;
    assert.deepEqual(await diff({ entry: reordered }), { changes: false, ...inPlace });
    assert.deepEqual(await diff({ adminKey: "another" }), { changes: true, ...inPlace });
    const model_info = { ...same.model_info, max_input_tokens: 1 };
    assert.deepEqual(await diff({ entry: { ...same, model_info } }), { changes: true, ...inPlace });
    // The other URL may be another name of the same LiteLLM.
    const moved = { changes: true, replaces: ["url"], deleteBeforeReplace: true };
    assert.deepEqual(await diff({ url: "https://another" }), moved);
    // An entry of another id is another entry: updated in place, the old one would be nobody's.
    const renamed = { ...same, model_info: { ...same.model_info, id: "vllm-gateway-other" } };
    assert.deepEqual(await diff({ entry: renamed }), { ...inPlace, changes: true, replaces: ["entry"] });
  });

  it("fails with what LiteLLM said and without the keys", async () => {
    const wrong = { ...inputs, adminKey: "sk-wrong-canary" };
    await assert.rejects(provider.create(wrong), (error: Error) => {
      assert.match(
        error.message,
        /^LiteLLM answered 401 to GET http:\/\/127\.0\.0\.1:\d+\/v1\/model\/info: .*Authentication Error/,
      );
      assert.equal(error.stack, "");
      return !/canary/.test(error.message);
    });
    await server.stop();
    await assert.rejects(provider.create(inputs), /LiteLLM cannot be reached for GET .*ECONNREFUSED/);
  });
});
