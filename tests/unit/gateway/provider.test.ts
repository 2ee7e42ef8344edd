import assert from "node:assert/strict";
import { entry } from "../../../gateway/entries";
import { type RegistrationInputs, pauses, registrationProvider as provider } from "../../../gateway/register/provider";
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

  it("is patched for a change, and made anew to get rid of whatever somebody has added", async () => {
    await provider.create(inputs);
    server.writes = [];
    await provider.update!(id, inputs, { ...inputs, apiKey: "another" });
    assert.equal(server.entries.get(id)?.litellm_params["api_key"], "another");
    for (const added of [{ additional_drop_params: ["tools"] }, { timeout: 5 }, { mock_response: "hi" }, { tpm: 0 }]) {
      server.writes = [];
      Object.assign(server.entries.get(id)!.litellm_params, added);
      await provider.update!(id, inputs, inputs);
      assert.deepEqual(server.writes, ["POST /model/delete", "POST /model/new"]);
      assert.deepEqual(server.entries.get(id)?.litellm_params, { ...inputs.entry.litellm_params, api_key: apiKey });
    }
  });

  describe("made anew", () => {
    const usual = [...pauses];
    const made = ["POST /model/delete", "POST /model/new"];
    beforeEach(async () => {
      pauses.fill(1);
      await provider.create(inputs);
      server.entries.get(id)!.litellm_params["timeout"] = 5;
      server.writes = [];
    });
    afterEach(() => pauses.splice(0, pauses.length, ...usual));

    for (const trouble of ["refuse", "hang-up"] as const) {
      it(`is tried again after a passing trouble (${trouble})`, async () => {
        server.trouble = ["none", trouble];
        await provider.update!(id, inputs, inputs);
        assert.deepEqual(server.entries.get(id)?.litellm_params, { ...inputs.entry.litellm_params, api_key: apiKey });
        assert.deepEqual(server.writes.slice(0, 3), [...made, "POST /model/new"]);
      });
    }

    const gone =
      "; the entry was deleted to be made anew, so the alias claude-sonnet-4-5-20250929 is gone until the next `pulumi up` makes it";
    it("says that its alias is gone where the trouble does not pass, and the next up makes it", async () => {
      server.trouble = ["none", ...usual.map(() => "refuse" as const), "refuse"];
      await assert.rejects(provider.update!(id, inputs, inputs), (error: Error) => {
        assert.match(error.message, /^LiteLLM answered 500 to POST .*no connection to the database/);
        return error.message.endsWith(gone) && error.stack === "";
      });
      assert.deepEqual(server.writes, [...made, ...usual.map(() => "POST /model/new")]);
      await provider.update!(id, inputs, inputs);
      assert.equal(server.entries.size, 1);
    });

    it("says so at once where another try would not help", async () => {
      server.trouble = ["none", "forbid"];
      await assert.rejects(provider.update!(id, inputs, inputs), (error: Error) => error.message.endsWith(gone));
      assert.deepEqual(server.writes, made);
    });
  });

  it("shows what somebody has added by its name alone, in one refresh after the other, until it is gone", async () => {
    await provider.create(inputs);
    Object.assign(server.entries.get(id)!.litellm_params, {
      extra_headers: { "x-token": "canary" },
      drop_params: true,
    });
    const once = await provider.read!(id, inputs);
    const twice = await provider.read!(id, once.props);
    const note = "set by somebody else; `up` removes it";
    for (const { props } of [once, twice]) {
      const params = { ...inputs.entry.litellm_params, extra_headers: note, drop_params: note };
      assert.deepEqual(props?.entry.litellm_params, params);
    }
    assert.equal((await provider.diff!(id, twice.props!, inputs)).changes, true);
    await provider.update!(id, twice.props!, inputs);
    assert.deepEqual((await provider.read!(id, twice.props)).props?.entry, inputs.entry);
  });

  it("goes on where somebody has paused it, without being made anew", async () => {
    await provider.create(inputs);
    server.entries.get(id)!.blocked = true;
    const { props } = await provider.read!(id, inputs);
    assert.equal((await provider.diff!(id, props!, inputs)).changes, true);
    server.writes = [];
    await provider.update!(id, props!, inputs);
    assert.deepEqual([server.writes, server.entries.get(id)?.blocked], [[`PATCH /model/${id}/update`], false]);
  });

  it("is refused where LiteLLM drops parameters for every model", async () => {
    server.dropParams = true;
    await assert.rejects(
      provider.create(inputs),
      /has drop_params: true for every model \(litellm_settings\), .*; remove it there and restart it$/,
    );
    assert.deepEqual(server.writes, []);
    // An older version does not tell.
    server.dropParams = undefined;
    await provider.create(inputs);
    assert.equal(server.entries.size, 1);
  });

  for (const versionIn of ["openapi", "readiness"] as const) {
    it(`gives no key to a refused version that says so in ${versionIn}, whatever it is asked for`, async () => {
      Object.assign(server, { version: "1.82.8", versionIn });
      const refused = /of version 1\.82\.8, which was reported to carry malicious code\. It was given no key\./;
      await assert.rejects(provider.create(inputs), refused);
      await assert.rejects(provider.read!(id, inputs), refused);
      await assert.rejects(provider.delete!(id, inputs), refused);
      assert.equal(server.keysSeen, 0);
    });
  }

  it("lives on where the LiteLLM is reached by another name", async () => {
    await provider.create(inputs);
    const moved = { ...inputs, url: server.url.replace("127.0.0.1", "localhost") };
    const { replaces, deleteBeforeReplace } = await provider.diff!(id, inputs, moved);
    assert.deepEqual([replaces, deleteBeforeReplace], [["url"], true]);
    // In the order that this asks for.
    await provider.delete!(id, inputs);
    await provider.create(moved);
    assert.equal(server.entries.size, 1);
  });

  it("is found where LiteLLM hides it because its model is unhealthy", async () => {
    await provider.create(inputs);
    server.hiding = true;
    assert.deepEqual((await provider.read!(id, inputs)).props?.entry, inputs.entry);
  });

  it("is removed also by a worker that has not read it yet", async () => {
    await provider.create(inputs);
    server.stale = true;
    await provider.delete!(id, inputs);
    assert.equal(server.entries.size, 0);
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

  it("fails without a part of a key that crosses the end of what is shown", async () => {
    server.trouble = ["echo"];
    await assert.rejects(provider.create(inputs), (error: Error) => !/canary|model-k/.test(error.message));
  });

  it("fails without the password of a URL that holds one", async () => {
    const url = inputs.url.replace("//", "//admin:hunter2@");
    const text =
      "The URL of the LiteLLM holds a user name or a password, which no request can carry; set 'litellmUrl' without them";
    await assert.rejects(provider.create({ ...inputs, url }), { message: text });
    assert.equal(server.keysSeen, 0);
  });

  it("fails with what LiteLLM said and without the keys", async () => {
    const wrong = { ...inputs, adminKey: "sk-wrong-canary" };
    await assert.rejects(provider.create(wrong), (error: Error) => {
      assert.match(
        error.message,
        /^LiteLLM answered 401 to GET http:\/\/127\.0\.0\.1:\d+\/debug\/report: .*Authentication Error/,
      );
      assert.equal(error.stack, "");
      return !/canary/.test(error.message);
    });
    server.trouble = ["page"];
    await assert.rejects(
      provider.create(inputs),
      /LiteLLM answered POST .*\/model\/new with something that is no JSON/,
    );
    const gone = await new LiteLlmServer(adminKey).start();
    await gone.stop();
    await assert.rejects(
      provider.create({ ...inputs, url: gone.url }),
      /LiteLLM cannot be reached for GET .*ECONNREFUSED/,
    );
  });
});
