/** What `register` sends, read by LiteLLM's own types: nothing is refused, nothing is lost and nothing is changed. */
import assert from "node:assert/strict";
import { execa } from "execa";
import { merged, shown, type StoredEntry } from "../cluster/liteLlmServer";
import { withChain } from "./chain";

interface Entry {
  model_name: string;
  litellm_params: Record<string, unknown>;
  model_info: Record<string, unknown>;
}

/** What takes its time is to load LiteLLM: asked once, in one go. */
const program = `
import json, sys
from litellm import Router
from litellm.proxy import proxy_server
from litellm.proxy.management_endpoints.model_management_endpoints import update_db_model
from litellm.types.router import Deployment, updateDeployment
proxy_server.master_key = "sk-0123456789abcdef"
payloads, entries, patch = json.load(sys.stdin)
router = Router(model_list=[])
for each in entries:
    router.upsert_deployment(Deployment(**each))
listed = json.loads(json.dumps(router.model_list, default=str))
patched = update_db_model(Deployment(**entries[-1]), updateDeployment(**patch))
print(json.dumps({
    "read": [
        {
            "new": Deployment(**each).model_dump(exclude_none=True),
            "update": updateDeployment(**each).model_dump(exclude_none=True),
        }
        for each in payloads
    ],
    "shown": [proxy_server._enrich_model_info_with_litellm_data(model=each, llm_router=router) for each in listed],
    "settings": sorted(json.loads(patched["litellm_params"])),
    "info": json.loads(patched["model_info"]),
}))
`;

withChain("LiteLLM's own", ({ python, payloads }) => {
  const [payload] = payloads;
  const fresh = payload as unknown as StoredEntry;
  const somebodys = { drop_params: true, additional_drop_params: ["tools"], timeout: 5, mock_response: "hi", tpm: 3 };
  const changed: StoredEntry = {
    model_name: "changed",
    litellm_params: { ...fresh.litellm_params, ...somebodys },
    model_info: { ...fresh.model_info, id: "changed" },
  };
  const nothing = Object.fromEntries(Object.keys(somebodys).map((key) => [key, null]));
  const patch = { ...fresh, litellm_params: { ...fresh.litellm_params, ...nothing } };
  let real: {
    read: { new: Entry; update: Entry }[];
    shown: Entry[];
    settings: string[];
    info: Record<string, unknown>;
  };
  before(async () => {
    const { stdout } = await execa(python, ["-c", program], {
      input: JSON.stringify([payloads, [fresh, changed], patch]),
      env: { LITELLM_LOCAL_MODEL_COST_MAP: "True", LITELLM_SALT_KEY: "sk-salt-0123456789" },
    });
    real = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as typeof real;
  });

  it("types take every payload of register, and keep each of its values", () => {
    const { read } = real;
    assert.equal(read.length, payloads.length);
    for (const [index, payload] of payloads.entries()) {
      for (const kind of ["new", "update"] as const) {
        const entry = read[index]?.[kind];
        assert.ok(entry);
        assert.equal(entry.model_name, payload.model_name);
        assert.deepEqual(only(entry.litellm_params, payload.litellm_params), payload.litellm_params);
        assert.deepEqual(only(entry.model_info, payload.model_info), payload.model_info);
        // What it fills in by itself must not switch on what makes tool calls fail.
        assert.ok(!entry.litellm_params["drop_params"]);
      }
    }
  });

  // The small server of the other tests keeps these rules.
  it("rules: what it shows of an entry's settings, its own defaults included, and never the key", () => {
    assert.deepEqual(
      real.shown.map(({ litellm_params }) => litellm_params),
      [fresh, changed].map((entry) => shown(entry).litellm_params),
    );
  });

  it("rules: what it shows of the rest is what was said", () => {
    const [first] = real.shown;
    assert.deepEqual(only(first?.model_info ?? {}, fresh.model_info), fresh.model_info);
  });

  it("rules: a PATCH takes no setting away, not even with null", () => {
    const after = merged(changed, patch);
    for (const key of Object.keys(somebodys)) assert.ok(real.settings.includes(key), key);
    assert.deepEqual(real.settings, Object.keys({ ...shown(after).litellm_params, api_key: "" }).sort());
    assert.deepEqual(only(real.info, after.model_info), after.model_info);
  });
});

function only(from: Record<string, unknown>, keys: object): Record<string, unknown> {
  return Object.fromEntries(Object.keys(keys).map((key) => [key, from[key]]));
}
