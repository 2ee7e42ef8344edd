import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import type { Target } from "../../../ops/smoke/check";
import { checks } from "../../../ops/smoke/checks";
import { reportJson, resultText, summaryText } from "../../../ops/smoke/report";
import { type CheckResult, runChecks } from "../../../ops/smoke/run";
import {
  completion,
  type Fault,
  type FakeAnswer,
  type FakeRequest,
  fakeServer,
  key,
  messageEvents,
  names,
} from "./smokeServer";

type Options = Partial<Target> & { only?: string[]; timeoutSeconds?: number };

async function smoke(fault?: Fault, options: Options = {}): Promise<CheckResult[]> {
  const server = await fakeServer(fault);
  const { only, timeoutSeconds = 5, ...rest } = options;
  const target: Target = { url: server.url, key, kind: "vllm", names, model: "Ping", context: 32_768, ...rest };
  try {
    return await runChecks(target, { timeoutSeconds, ...(only && { only }) });
  } finally {
    server.close();
  }
}

/** The one result of one check. */
async function one(name: string, fault?: Fault, options: Options = {}): Promise<CheckResult> {
  const [result, ...more] = await smoke(fault, { ...options, only: [name] });
  assert.ok(result && more.length === 0);
  return result;
}

const on =
  (path: string, answer: FakeAnswer, when: (request: FakeRequest) => boolean = () => true): Fault =>
  (request) =>
    request.path === path && request.authorization !== undefined && when(request) ? answer : undefined;
const messages = (answer: FakeAnswer, when?: (request: FakeRequest) => boolean): Fault =>
  on("/v1/messages", answer, when);
const words = (text: string): FakeAnswer => ({ body: { content: [{ type: "text", text }], stop_reason: "end_turn" } });

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
  const faults: {
    title: string;
    check: string;
    fault: Fault;
    note: RegExp;
    symptom: string | undefined;
    options?: Options;
  }[] = [
    {
      title: "a path as the model's name",
      check: "models",
      fault: on("/v1/models", { body: { data: [{ id: "/models-cache/Tiny/Ping" }] } }),
      note: /^lists the path \/models-cache\/Tiny\/Ping as a model's name$/,
      symptom: "model-name-is-path",
    },
    {
      title: "a name that is not listed",
      check: "models",
      fault: on("/v1/models", { body: { data: [{ id: "Tiny/Ping" }] } }),
      note: /^does not list Ping$/,
      symptom: "client-unknown-model",
    },
    {
      title: "no models at all",
      check: "models",
      fault: on("/v1/models", { body: {} }),
      note: /^lists no model$/,
      symptom: undefined,
    },
    {
      title: "401",
      check: "models",
      fault: () => undefined,
      options: { key: "another-key" },
      note: /^answered 401$/,
      symptom: "client-unauthorized",
    },
    {
      title: "a server that needs no key",
      check: "key",
      fault: () => ({ body: { data: [] } }),
      note: /^answered 200 to a request without a key$/,
      symptom: "client-open",
    },
    {
      title: "503 of a Route without a ready pod",
      check: "chat",
      fault: on("/v1/chat/completions", { status: 503, body: "<h1>Application is not available</h1>" }),
      note: /^answered 503$/,
      symptom: "route-answers-503",
    },
    {
      title: "504 of a Route",
      check: "chat",
      fault: on("/v1/chat/completions", { status: 504, body: "<h1>504 Gateway Time-out</h1>" }),
      note: /^answered 504$/,
      symptom: "client-timeout-504",
    },
    {
      title: "a name that the server does not know",
      check: "chat",
      fault: on("/v1/chat/completions", { status: 404, body: { message: "The model `Ping` does not exist." } }),
      note: /^answered 404$/,
      symptom: "client-unknown-model",
    },
    {
      title: "an empty answer",
      check: "chat",
      fault: on("/v1/chat/completions", { body: completion({ content: "" }) }),
      note: /^answered with no text$/,
      symptom: undefined,
    },
    {
      title: "an answer that is no JSON",
      check: "chat",
      fault: on("/v1/chat/completions", { body: "<html>" }),
      note: /^answered with something that is no JSON$/,
      symptom: undefined,
    },
    {
      title: "a stream that is cut off",
      check: "chat-stream",
      fault: on("/v1/chat/completions", { body: "data: {}\n\n", cut: true }),
      note: /^the answer broke off: /,
      symptom: undefined,
    },
    {
      title: "a stream without an end",
      check: "chat-stream",
      fault: on("/v1/chat/completions", { body: [{ data: { choices: [] } }] }),
      note: /^the stream does not end with \[DONE\]$/,
      symptom: undefined,
    },
    {
      title: "a JSON answer to a request for a stream",
      check: "chat-stream",
      fault: on("/v1/chat/completions", { body: completion({ content: "Hello" }) }),
      note: /^answered with no event$/,
      symptom: undefined,
    },
    {
      title: "tools that a server without a parser refuses",
      check: "chat-tool",
      fault: on("/v1/chat/completions", {
        status: 400,
        body: { message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set' },
      }),
      note: /^answered 400$/,
      symptom: "client-tools-refused",
    },
    {
      title: "another tool than the one that is offered",
      check: "chat-tool",
      fault: on("/v1/chat/completions", {
        body: completion({ tool_calls: [{ function: { name: "pong", arguments: "{}" } }] }),
      }),
      note: /^called pong instead of ping$/,
      symptom: undefined,
    },
    {
      title: "arguments that are no JSON",
      check: "chat-tool",
      fault: on("/v1/chat/completions", {
        body: completion({ tool_calls: [{ function: { name: "ping", arguments: "{" } }] }),
      }),
      note: /^the call's arguments are no JSON object$/,
      symptom: undefined,
    },
    {
      title: "a tool call as raw JSON text",
      check: "messages-tool",
      fault: messages(words('{"name": "ping", "arguments": {}}')),
      note: /^answered no tool_use block/,
      symptom: "tool-calls-as-text",
    },
    {
      title: "a tool call in fenced JSON",
      check: "chat-tool",
      fault: on("/v1/chat/completions", { body: completion({ content: '```json\n{"name": "ping"}\n```' }) }),
      note: /^answered without a tool call$/,
      symptom: "tool-calls-as-text",
    },
    {
      title: "a tool call in the model's own tags",
      check: "messages-tool",
      fault: messages(words('<tool_call>\n{"name": "ping", "arguments": {}}\n</tool_call>')),
      note: /^answered no tool_use block/,
      symptom: "wrong-tool-parser",
    },
    {
      title: "invented XML tags",
      check: "messages-tool",
      fault: messages(words('<function_calls><invoke name="ping"></invoke></function_calls>')),
      note: /^answered no tool_use block/,
      symptom: "wrong-tool-parser",
    },
    {
      title: "no tool_use block and nothing else",
      check: "messages-tool",
      fault: messages({ body: { content: [], stop_reason: "end_turn" } }),
      note: /^answered no tool_use block/,
      symptom: "client-no-tool-call",
    },
    {
      title: "a context that is too small",
      check: "long-prompt",
      options: { context: undefined },
      fault: messages(
        { status: 400, body: { message: "This model's maximum context length is 8192 tokens." } },
        ({ body }) => JSON.stringify(body).length > 50_000,
      ),
      note: /^answered 400$/,
      symptom: "client-context-too-small",
    },
    {
      title: "a second message_start",
      check: "messages-tool-stream",
      fault: messages({ body: [...messageEvents({ type: "text" }, "end_turn").slice(0, 1), ...toolEvents()] }),
      note: /^a second message_start$/,
      symptom: "client-malformed-stream",
    },
    {
      title: "a thinking delta in a text block",
      check: "messages-stream",
      fault: messages({
        body: messageEvents({ type: "text" }, "end_turn").map(({ event, data }) => ({
          event: event ?? "",
          data: JSON.stringify(data).replaceAll("text_delta", "thinking_delta"),
        })),
      }),
      note: /^a thinking_delta in a text block$/,
      symptom: "client-malformed-stream",
    },
    {
      title: "a stream without message_stop",
      check: "messages-tool-stream",
      fault: messages({ body: toolEvents().slice(0, -1) }),
      note: /^no message_stop$/,
      symptom: "client-malformed-stream",
    },
    {
      title: "a stream in words where a call was forced",
      check: "messages-tool-stream",
      fault: messages({
        body: messageEvents({ type: "text" }, "end_turn").filter(({ event }) => !event?.includes("block")),
      }),
      note: /^the stream calls no tool instead of ping$/,
      symptom: "client-no-tool-call",
    },
    {
      title: "a second turn that is refused",
      check: "second-turn",
      fault: messages({ status: 500, body: { error: "tool_result" } }, ({ body }) => body["tool_choice"] === undefined),
      note: /^answered 500$/,
      symptom: undefined,
    },
    {
      title: "tokens counted by a foreign host",
      check: "count-tokens",
      fault: on("/v1/messages/count_tokens", {
        status: 500,
        body: { message: "Cannot connect to host api.anthropic.com:443" },
      }),
      note: /^answered 500$/,
      symptom: "client-foreign-host",
    },
    {
      title: "a count that is not the model's",
      check: "count-tokens",
      fault: on("/v1/messages/count_tokens", { body: { input_tokens: 999 } }),
      note: /^999 tokens, and the model itself counts \d+$/,
      symptom: undefined,
    },
    {
      title: "a free choice that comes back as text",
      check: "auto-tool",
      fault: messages(words('<tool_call>{"name": "ping"}</tool_call>')),
      note: /^the call came back as text$/,
      symptom: "wrong-tool-parser",
    },
  ];
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
    [999, /^neither the model nor LiteLLM 1\.106\.10 \(51\) counts so: .* a foreign host that was sent the prompt\./],
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

describe("the report of a smoke test", () => {
  it("shows what was sent and what came back, and no key", async () => {
    const repeat: Fault = ({ authorization }) => ({ status: 401, body: { error: `no such key: ${authorization}` } });
    const result = await one("chat", repeat, { key: "sk-the-secret-of-the-gateway" });
    const text = resultText(result);
    const json = JSON.stringify(reportJson({ url: "http://x", kind: "vllm", names, model: "Ping", key }, [result]));
    for (const shown of [text, json]) {
      assert.doesNotMatch(shown, /the-secret-of/);
      assert.match(shown, /no such key: Bearer …|no such key: Bearer \[api key\]/);
    }
    assert.match(
      text,
      /sent {5}curl -X POST 'http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions' -H "Authorization: Bearer \$KEY"/,
    );
    assert.match(text, /received 401 /);
    assert.match(text, /remedy {3}take the key from the stack's outputs/);
  });

  it("hides a key of any shape that the server repeats", async () => {
    const repeat: Fault = () => ({ status: 401, body: `key plain0123456789 is unknown` });
    const result = await one("chat", repeat, { key: "plain0123456789" });
    assert.equal(result.exchange?.received, "key [api key] is unknown");
  });

  it("counts", () => {
    const result = (outcome: CheckResult["outcome"], advice?: string): CheckResult => {
      return { name: "x", what: "x", outcome, seconds: 1, note: "x", ...(advice !== undefined && { advice }) };
    };
    const results = [result("passed"), result("passed", "hm"), result("failed"), result("skipped")];
    assert.equal(summaryText(results), "2 passed, 1 failed, 1 skipped, 1 with advice");
    assert.equal((reportJson({ url: "x", kind: "vllm", names, model: "x" }, results) as { ok: boolean }).ok, false);
  });
});

function toolEvents(): ReturnType<typeof messageEvents> {
  return messageEvents({ type: "tool_use", ...{ id: "toolu_1", name: "ping", input: {} } }, "tool_use");
}
