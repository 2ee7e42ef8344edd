/** What is wrong with servers, each with the check that finds it and what that says. */
import type { Options } from "./smokeRun";
import { completion, type FakeAnswer, type FakeRequest, type Fault, messageEvents } from "./smokeServer";

export const on =
  (path: string, answer: FakeAnswer, when: (request: FakeRequest) => boolean = () => true): Fault =>
  (request) =>
    request.path === path && request.authorization !== undefined && when(request) ? answer : undefined;
export const messages = (answer: FakeAnswer, when?: (request: FakeRequest) => boolean): Fault =>
  on("/v1/messages", answer, when);
export const words = (text: string): FakeAnswer => ({
  body: { content: [{ type: "text", text }], stop_reason: "end_turn" },
});

export function toolEvents(): ReturnType<typeof messageEvents> {
  return messageEvents({ type: "tool_use", ...{ id: "toolu_1", name: "ping", input: {} } }, "tool_use");
}

export const faults: {
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
