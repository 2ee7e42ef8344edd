import assert from "node:assert/strict";
import type { Fault } from "./smokeServer";
import { on } from "./smokeFaults";
import { one } from "./smokeRun";

/** What vLLM answers, word for word: 0.13.0 and 0.18.0, 0.32.0, 0.32.0, 0.13.0. */
const oldRole =
  "1 validation error:\n  {'type': 'literal_error', 'loc': ('body', 'messages', 1, 'role'), 'msg': \"Input should be 'user' or 'assistant'\", 'input': 'system', 'ctx': {'expected': \"'user' or 'assistant'\"}}";
const oldTool =
  "1 validation error:\n  {'type': 'missing', 'loc': ('body', 'tools', 0, 'input_schema'), 'msg': 'Field required', 'input': {'type': 'web_search_20250305', 'name': 'web_search', 'max_uses': 8}}";
const newTool =
  "1 validation error:\n  {'type': 'missing', 'loc': 'body.tools.0.input_schema', 'msg': 'Field required', 'input': '<dict of 3 items>'}";
const budget =
  "thinking_token_budget is set but reasoning_config is not configured. Please set --reasoning-parser and/or --reasoning-config to use thinking_token_budget.";

describe("the smoke test of what Claude Code sends", () => {
  const refuse = (message: string): Fault =>
    on("/v1/messages?beta=true", { status: 400, body: { error: { message, type: "Bad Request", code: 400 } } });

  it("fails where the role `system` is refused inside messages, with the remedy", async () => {
    const { outcome, symptom } = await one("inline-system", refuse(oldRole));
    assert.deepEqual([outcome, symptom?.id], ["failed", "client-inline-system"]);
    assert.match(symptom?.remedy ?? "", /line 3\.5 or later/);
  });

  it("advises where the stack's outputs tell that Claude Code is kept from sending it", async () => {
    const { outcome, advice } = await one("inline-system", refuse(oldRole), { takesInlineSystem: false });
    assert.equal(outcome, "passed");
    assert.match(advice ?? "", /too old for the role `system`/);
  });

  for (const [name, text, symptom] of [
    ["web-search", oldTool, /^WebSearch is a tool of Anthropic's own servers.*permissions\.deny/],
    ["web-search", newTool, /^WebSearch is a tool of Anthropic's own servers.*permissions\.deny/],
    ["thinking-budget", budget, /^the server takes no budget.*`reasoningParser`/],
  ] as const)
    it(`advises for ${name}: ${text.slice(0, 70).replaceAll("\n", " ")}…`, async () => {
      const { outcome, advice } = await one(name, refuse(text));
      assert.equal(outcome, "passed");
      assert.match(advice ?? "", symptom);
    });

  it("advises where the server has no count_tokens", async () => {
    const gone = on("/v1/messages/count_tokens", { status: 404, body: { detail: "Not Found" } });
    const { outcome, advice } = await one("count-tokens", gone);
    assert.equal(outcome, "passed");
    assert.match(advice ?? "", /too old to count tokens/);
  });

  for (const name of ["beta-query", "inline-system", "web-search", "thinking-budget", "long-tool-result"])
    it(`fails for ${name} where the server breaks`, async () => {
      const broken = on("/v1/messages?beta=true", { status: 500, body: { error: { message: "no such luck" } } });
      assert.equal((await one(name, broken)).outcome, "failed");
    });

  it("sends no tool's result that is longer than the context", async () => {
    assert.equal((await one("long-tool-result", undefined, { context: 8192 })).outcome, "skipped");
  });
});
