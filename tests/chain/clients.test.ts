/** The real clients, through the real gateway: what Claude Code and OpenAI's users do, with nothing of ours in between. */
import assert from "node:assert/strict";
import Anthropic from "@anthropic-ai/sdk";
import { execa } from "execa";
import OpenAI from "openai";
import { withChain } from "./chain";
import { others } from "./settings";

const alias = "claude-sonnet-4-5-20250929";

withChain("@anthropic-ai/sdk", ({ gateway, vllm, served }) => {
  const tools: Anthropic.Tool[] = [
    { name: "ping", description: "test", input_schema: { type: "object", properties: {} } },
  ];
  const question: Anthropic.MessageParam = { role: "user", content: "call ping" };
  const ways = [
    { way: "through the gateway", ...gateway, model: alias },
    { way: "through LiteLLM's translation", ...gateway, model: others.translated },
    { way: "through the Responses API", ...gateway, model: others.openai },
    { way: "without a gateway", ...vllm, model: served[1] ?? "" },
  ];
  for (const { way, url, key, model } of ways) {
    const client = new Anthropic({ baseURL: url, authToken: key, apiKey: null, maxRetries: 0 });

    it(`${way}: answers in words`, async () => {
      const message = await client.messages.create({
        model,
        max_tokens: 64,
        messages: [{ role: "user", content: "say hello" }],
      });
      assert.deepEqual([message.content[0]?.type, message.stop_reason], ["text", "end_turn"]);
    });

    it(`${way}: streams words that add up to the message`, async () => {
      let text = "";
      const stream = client.messages
        .stream({ model, max_tokens: 64, messages: [{ role: "user", content: "say hello" }] })
        .on("text", (part) => (text += part));
      const message = await stream.finalMessage();
      assert.equal(message.content[0]?.type === "text" && message.content[0].text, text);
      assert.notEqual(text, "");
    });

    it(`${way}: calls the tool and takes its result, in two streamed turns`, async () => {
      const turn = (messages: Anthropic.MessageParam[]) =>
        client.messages.stream({ model, max_tokens: 64, tools, messages }).finalMessage();
      const first = await turn([question]);
      assert.equal(first.stop_reason, "tool_use");
      const call = first.content.find((block) => block.type === "tool_use");
      assert.deepEqual([call?.name, call?.input], ["ping", {}]);
      const result: Anthropic.ToolResultBlockParam = {
        type: "tool_result",
        tool_use_id: call?.id ?? "",
        content: "pong",
      };
      const second = await turn([
        question,
        { role: "assistant", content: first.content },
        { role: "user", content: [result] },
      ]);
      assert.deepEqual([second.content[0]?.type, second.stop_reason], ["text", "end_turn"]);
    });

    it(`${way}: counts tokens`, async () => {
      // LiteLLM 1.108.7 asks the server for it, which has no such endpoint; 1.106.10 counted by itself.
      if (model === others.openai) {
        await assert.rejects(client.messages.countTokens({ model, messages: [question] }), { status: 405 });
        return;
      }
      const { input_tokens: count } = await client.messages.countTokens({ model, messages: [question] });
      assert.ok(count > 0);
    });
  }

  it("sends beta headers and a cached system prompt, as Claude Code does, and is answered", async () => {
    const client = new Anthropic({ baseURL: gateway.url, authToken: gateway.key, apiKey: null, maxRetries: 0 });
    const message = await client.beta.messages.create({
      model: alias,
      max_tokens: 64,
      betas: ["claude-code-20250219", "interleaved-thinking-2025-05-14"],
      system: [{ type: "text", text: "You are a helpful assistant.", cache_control: { type: "ephemeral" } }],
      tools: [{ name: "ping", description: "test", input_schema: { type: "object", properties: {} } }],
      messages: [question],
    });
    assert.equal(message.stop_reason, "tool_use");
  });
});

withChain("openai", ({ gateway, vllm, served }) => {
  const tools: OpenAI.ChatCompletionTool[] = [
    {
      type: "function",
      function: { name: "ping", description: "test", parameters: { type: "object", properties: {} } },
    },
  ];
  const ways = [
    { way: "through the gateway", ...gateway, model: alias },
    { way: "without a gateway", ...vllm, model: served[0] ?? "" },
  ];
  for (const { way, url, key, model } of ways) {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
    const question: OpenAI.ChatCompletionMessageParam = { role: "user", content: "call ping" };

    it(`${way}: lists the model`, async () => {
      const ids: string[] = [];
      for await (const { id } of client.models.list()) ids.push(id);
      assert.ok(ids.includes(model), ids.join(", "));
    });

    it(`${way}: streams words`, async () => {
      const stream = await client.chat.completions.create({
        model,
        stream: true,
        messages: [{ role: "user", content: "say hello" }],
      });
      let text = "";
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
      assert.notEqual(text, "");
    });

    it(`${way}: calls the tool and takes its result, in two streamed turns`, async () => {
      const turn = (messages: OpenAI.ChatCompletionMessageParam[]) =>
        client.chat.completions.stream({ model, max_tokens: 64, tools, messages }).finalChatCompletion();
      const first = (await turn([question])).choices[0];
      assert.equal(first?.finish_reason, "tool_calls");
      const call = first?.message.tool_calls?.[0];
      assert.ok(call?.type === "function" && call.function.name === "ping");
      assert.deepEqual(JSON.parse(call.function.arguments), {});
      const { content, tool_calls } = first.message;
      const second = await turn([
        question,
        { role: "assistant", content, ...(tool_calls && { tool_calls }) },
        { role: "tool", tool_call_id: call.id, content: "pong" },
      ]);
      assert.equal(second.choices[0]?.finish_reason, "stop");
      assert.notEqual(second.choices[0]?.message.content ?? "", "");
    });
  }
});

withChain("the documented line of curl and jq", ({ gateway, vllm, served }) => {
  const line = `curl -s -X POST "$GATEWAY/v1/messages" -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" -H "anthropic-version: 2023-06-01" \\
    -d '{"model": "claude-sonnet-4-5-20250929", "max_tokens": 64,
         "tools": [{"name": "ping", "description": "test", "input_schema": {"type": "object", "properties": {}}}],
         "tool_choice": {"type": "any"}, "messages": [{"role": "user", "content": "call ping"}]}' \\
    | jq '{stop_reason, type: .content[0].type, name: .content[0].name}'`;
  const expected = { stop_reason: "tool_use", type: "tool_use", name: "ping" };

  // As documented, but with http:// in the variable, because nothing here has a certificate.
  it("answers at the gateway", async function () {
    if (!(await installed("curl", "jq"))) this.skip();
    const { stdout } = await execa("bash", ["-o", "pipefail", "-c", line], {
      env: { GATEWAY: gateway.url, KEY: gateway.key },
    });
    assert.deepEqual(JSON.parse(stdout), expected);
  });

  it("answers at vLLM itself", async function () {
    if (!(await installed("curl", "jq"))) this.skip();
    const direct = line.replace("claude-sonnet-4-5-20250929", served[1] ?? "");
    const { stdout } = await execa("bash", ["-o", "pipefail", "-c", direct], {
      env: { GATEWAY: vllm.url, KEY: vllm.key },
    });
    assert.deepEqual(JSON.parse(stdout), expected);
  });
});

async function installed(...tools: string[]): Promise<boolean> {
  const found = await Promise.all(tools.map((tool) => execa("sh", ["-c", `command -v ${tool}`], { reject: false })));
  return found.every(({ exitCode }) => exitCode === 0);
}
