/** What `register` and `doctor` read, from the real LiteLLM: its version, what it drops, and entries in which nobody has changed anything. */
import assert from "node:assert/strict";
import { dropsParams, entries, versionOf } from "../../gateway/register/admin";
import { added, registrationProvider as provider } from "../../gateway/register/provider";
import { type Chain } from "./servers";
import { withChain } from "./chain";
import { others } from "./settings";

const admin = ({ url, key }: Chain["gateway"]) => ({ url, adminKey: key });

withChain("what register reads of the real LiteLLM", ({ gateway, dropping, payloads }) => {
  it("is its version, which it tells without a key", async () => {
    assert.equal(await versionOf(gateway.url), "1.108.7");
  });

  it("is whether it drops parameters for every model", async () => {
    assert.equal(await dropsParams(admin(gateway)), false);
    assert.ok(dropping);
    assert.equal(await dropsParams(admin(dropping)), true);
  });

  it("is each entry as it was written, with nothing that somebody has added", async () => {
    for (const { litellm_params, ...rest } of payloads) {
      const { api_key: apiKey, ...params } = litellm_params;
      const inputs = { ...admin(gateway), apiKey, entry: { ...rest, litellm_params: params } };
      const { props } = await provider.read!(rest.model_info.id, inputs);
      assert.deepEqual(props, inputs);
      assert.equal((await provider.diff!(rest.model_info.id, props, inputs)).changes, false);
    }
  });

  it("is that an entry is gone", async () => {
    const [payload] = payloads;
    assert.ok(payload);
    const { litellm_params: params, ...rest } = payload;
    const inputs = { ...admin(gateway), apiKey: params.api_key, entry: { ...rest, litellm_params: params } };
    assert.equal((await provider.read!("no-such-entry", inputs)).id, "");
  });

  it("is what somebody has added to an entry", async () => {
    const found = (await entries(admin(gateway))).find(({ model_name: name }) => name === others.dropParams);
    assert.deepEqual(found && added(found), ["drop_params"]);
  });
});
