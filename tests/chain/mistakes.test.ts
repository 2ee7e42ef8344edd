/**
 * The mistakes of the symptom table, one at a time, each in front of or in the real server. Where these versions no longer show the
 * documented symptom, the test says so: a newer version that shows it again fails here.
 */
import assert from "node:assert/strict";
import { defaultAliases } from "../../gateway/data/aliases";
import { type Chain } from "./servers";
import { check, gatewayTarget, passes, withChain } from "./chain";
import { others } from "./settings";

/** The server with two mistakes, asked by the name that it has. */
function wrongTarget({ wrong, modelPath }: Chain) {
  assert.ok(wrong);
  return { ...wrong, kind: "vllm", names: [modelPath], model: modelPath, context: 32_768 } as const;
}

withChain("a mistake in the server", (chain) => {
  it("no --served-model-name: /v1/models returns a local path", async () => {
    const result = await check(wrongTarget(chain), "models");
    assert.equal(result.note, `lists the path ${chain.modelPath} as a model's name`);
    assert.equal(result.symptom?.id, "model-name-is-path");
  });

  it("no --served-model-name: the names that clients use are unknown", async () => {
    const result = await check({ ...wrongTarget(chain), model: "Ping" }, "chat");
    assert.equal(result.exchange?.status, 404);
    assert.equal(result.symptom?.id, "client-unknown-model");
  });

  for (const way of ["vLLM itself", "the gateway"] as const) {
    it(`another model's parser: ${way} returns the model's own tags as text`, async () => {
      const target = way === "vLLM itself" ? wrongTarget(chain) : gatewayTarget(chain, others.wrongServer);
      const result = await check(target, "auto-tool");
      assert.equal(result.outcome, "failed");
      assert.match(result.exchange?.received ?? "", /<tool_call>/);
      assert.equal(result.symptom?.id, "wrong-tool-parser");
    });
  }

  it("another model's parser: plain answers are as good as ever", async () => {
    await passes(wrongTarget(chain), "messages");
  });
});

withChain("a mistake in LiteLLM's registration", (chain) => {
  const { dropping } = chain;
  assert.ok(dropping);
  for (const [mistake, gateway, alias] of [
    ["drop_params", chain.gateway, others.dropParams],
    ["no supports_function_calling", chain.gateway, others.noFunctionCalling],
    ["drop_params for every model", dropping, defaultAliases[0] ?? ""],
    ["drop_params for every model, without supported_endpoints", dropping, others.translated],
  ] as const) {
    it(`${mistake}: LiteLLM 1.108.7 hands the tools on all the same`, async () => {
      const target = gatewayTarget({ ...chain, gateway }, alias);
      for (const name of ["chat-tool", "messages-tool-stream", "auto-tool"]) await passes(target, name);
      const { note } = await check(target, "messages-tool");
      const right = alias === defaultAliases[0] ? alias : others.translated;
      assert.equal(note, (await check(gatewayTarget(chain, right), "messages-tool")).note, "as without the mistake");
    });
  }

  it("dropped tools: the model is not made to call", async () => {
    const target = gatewayTarget(chain, others.dropTools);
    const result = await check(target, "messages-tool");
    assert.equal(result.outcome, "failed");
    assert.match(result.note, /no tool_use block/);
  });
});
