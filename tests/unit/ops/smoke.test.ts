import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import type { Target } from "../../../ops/smoke/check";
import { checks } from "../../../ops/smoke/checks";
import { summaryText } from "../../../ops/smoke/report";
import { runChecks } from "../../../ops/smoke/run";
import { fakeServer, key, messageEvents, names } from "./smokeServer";
import { faults, messages, on, words } from "./smokeFaults";
import { one, smoke } from "./smokeRun";

describe("the smoke test of a healthy server", () => {
  it("passes every check", async () => {
    const results = await smoke();
    assert.deepEqual(
      results.map(({ name, outcome, advice }) => [name, outcome, advice]),
      checks.map(({ name }) => [name, "passed", undefined]),
    );
    assert.equal(summaryText(results), `${checks.length} passed, 0 failed`);
  });

  it("tells of each check before it asks, and of none that is skipped", async () => {
    const target: Target = { url: "http://127.0.0.1:1", key, kind: "vllm", names, model: "Ping" };
    const started: string[] = [];
    await runChecks(target, { timeoutSeconds: 5, onStart: ({ name }) => started.push(name) });
    assert.deepEqual(started, ["models"]);
  });

  it("sends the documented request, and the tool's result with the call that asked for it", async () => {
    const server = await fakeServer();
    const target: Target = { url: server.url, key, kind: "vllm", names, model: "Ping" };
    await runChecks(target, { timeoutSeconds: 5, only: ["second-turn"] });
    server.close();
    const [first, second] = server.requests;
    assert.deepEqual(first?.body, {
      model: "Ping",
      max_tokens: 64,
      tools: [{ name: "ping", description: "test", input_schema: { type: "object", properties: {} } }],
      tool_choice: { type: "any" },
      messages: [{ role: "user", content: "call ping" }],
    });
    assert.equal(second?.body["tool_choice"], undefined);
    assert.deepEqual((second?.body["messages"] as object[]).slice(1), [
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "ping", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "pong" }] },
    ]);
  });

  it("leaves the long prompt out where the context is too small for it", async () => {
    const result = await one("long-prompt", undefined, { context: 8192 });
    assert.equal(result.outcome, "skipped");
    assert.equal(result.note, "a context of 8192 tokens is too small for it, and for Claude Code");
  });

  it("does not ask for a key that nobody has named", async () => {
    assert.equal((await one("key", undefined, { key: undefined })).outcome, "skipped");
  });

  it("needs names that are once given, and checks that come earlier", () => {
    const all = checks.map(({ name }) => name);
    assert.equal(new Set(all).size, all.length);
    for (const { name, needs } of checks) {
      for (const need of needs)
        assert.ok(all.indexOf(need) < all.indexOf(name) && all.includes(need), `${name}: ${need}`);
    }
  });
});

describe("the smoke test of a faulty server", () => {
  for (const { title, check, fault, note, symptom, options } of faults) {
    it(`${check}: ${title}`, async () => {
      const result = await one(check, fault, options);
      assert.equal(result.outcome, "failed");
      assert.match(result.note, note);
      assert.equal(result.symptom?.id, symptom);
    });
  }

  it("auto-tool-stream: a free choice that comes back as text, streamed", async () => {
    const events = messageEvents({ type: "text" }, "end_turn").map(({ event, data }) => ({
      ...(event !== undefined && { event }),
      data: JSON.stringify(data).replace("Hello", "<tool_call>"),
    }));
    const result = await one("auto-tool-stream", messages({ body: events }));
    assert.deepEqual([result.outcome, result.symptom?.id], ["failed", "wrong-tool-parser"]);
  });

  it("says that nothing answers", async () => {
    const [result, ...rest] = await smoke(undefined, { url: "http://127.0.0.1:2" });
    assert.equal(result?.symptom?.id, "client-unreachable");
    // One cause, one failure.
    assert.deepEqual(
      [...new Set(rest.map(({ outcome, note }) => `${outcome}: ${note}`))],
      ["skipped: models did not pass"],
    );
  });

  it("gives up on a server that stays silent", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    try {
      const result = await one("models", undefined, { url: `http://127.0.0.1:${port}`, timeoutSeconds: 0.2 });
      assert.equal(result.note, "no answer within 0.2 s");
      assert.equal(result.symptom?.id, "client-unreachable");
    } finally {
      silent.close();
    }
  });

  it("takes a model that answers in words for weak, not for broken", async () => {
    const result = await one("auto-tool", messages(words("I would rather not.")));
    assert.equal(result.outcome, "passed");
    assert.match(result.advice ?? "", /a 7B model's limit/);
  });

  const call = { type: "tool_use", id: "toolu_1", name: "ping", input: {} };
  for (const [kind, note] of [
    ["vllm", "answered a text block before the call"],
    [
      "gateway",
      "answered a text block before the call: LiteLLM translates to a chat completion and back; `supported_endpoints` of its entry must " +
        "name /v1/messages",
    ],
  ] as const) {
    it(`fails for an empty text block before the call, as the documented line would show it: ${kind}`, async () => {
      const content = [{ type: "text", text: "" }, call];
      const result = await one("messages-tool", messages({ body: { content, stop_reason: "tool_use" } }), { kind });
      assert.deepEqual([result.outcome, result.note, result.symptom], ["failed", note, undefined]);
    });
  }

  it("lets a model think before the call", async () => {
    const content = [{ type: "thinking", thinking: "Which tool?" }, call];
    const result = await one("messages-tool", messages({ body: { content, stop_reason: "tool_use" } }));
    assert.equal(result.outcome, "passed");
  });

  it("is content with any refusal of a request without a key", async () => {
    const result = await one("key", ({ authorization }) => (authorization ? undefined : { status: 500, body: "" }));
    assert.equal(result.outcome, "passed");
  });

  for (const [count, advice] of [
    [51, /^LiteLLM counts, with a tokenizer of its own, here: Claude Code compacts/],
    [999, /^neither the model nor LiteLLM 1\.108\.7 \(51\) counts so: .* a foreign host that was sent the prompt\./],
  ] as const) {
    it(`takes another count of a gateway for advice: ${count}`, async () => {
      const fault = on("/v1/messages/count_tokens", { body: { input_tokens: count } });
      const result = await one("count-tokens", fault, { kind: "gateway" });
      assert.equal(result.outcome, "passed");
      assert.match(result.advice ?? "", advice);
    });
  }

  it("does not try what depends on a check that has failed", async () => {
    const results = await smoke(messages({ status: 500, body: {} }));
    const outcomes = Object.fromEntries(results.map(({ name, outcome }) => [name, outcome]));
    assert.equal(outcomes["chat-tool"], "passed");
    assert.equal(outcomes["messages"], "failed");
    for (const name of [
      "messages-tool",
      "messages-stream",
      "second-turn",
      "count-tokens",
      "long-prompt",
      "auto-tool",
    ]) {
      assert.equal(outcomes[name], "skipped", name);
    }
  });
});
