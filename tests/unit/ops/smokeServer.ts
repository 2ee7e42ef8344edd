/** A small server that answers as a healthy vLLM does, and wrongly where a test says so. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeAnswer {
  status?: number;
  /** An object is sent as JSON, a text as it is; a list is a stream of events. */
  body: object | string | readonly FakeEvent[];
  /** The connection is cut after the body. */
  cut?: boolean;
}
export interface FakeEvent {
  event?: string;
  data: object | string;
}
export interface FakeRequest {
  path: string;
  authorization: string | undefined;
  body: Record<string, unknown>;
}
/** Answers instead of the healthy server; undefined lets that one answer. */
export type Fault = (request: FakeRequest) => FakeAnswer | undefined;

export const key = "secret-key-of-the-test";
export const names = ["Tiny/Ping", "Ping"];

const call = { type: "tool_use", id: "toolu_1", name: "ping", input: {} };
const words = { type: "text", text: "Hello there." };

export async function fakeServer(
  fault: Fault = () => undefined,
): Promise<{ url: string; requests: FakeRequest[]; close(): void }> {
  const requests: FakeRequest[] = [];
  const server = createServer((incoming, response) => {
    void read(incoming).then((request) => {
      requests.push(request);
      const { status = 200, body, cut = false } = fault(request) ?? healthy(request);
      const text = Array.isArray(body)
        ? sse(body as FakeEvent[])
        : typeof body === "string"
          ? body
          : JSON.stringify(body);
      response.writeHead(status, {
        "content-type": Array.isArray(body) ? "text/event-stream" : "application/json",
        ...(cut && { "content-length": text.length + 100 }),
      });
      if (cut) response.write(text, () => response.destroy());
      else response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function read(incoming: IncomingMessage): Promise<FakeRequest> {
  let text = "";
  for await (const chunk of incoming) text += String(chunk);
  return {
    path: incoming.url ?? "",
    authorization: incoming.headers.authorization,
    body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

function sse(events: readonly FakeEvent[]): string {
  return events
    .map(({ event, data }) => {
      const text = typeof data === "string" ? data : JSON.stringify(data);
      return `${event === undefined ? "" : `event: ${event}\n`}data: ${text}\n\n`;
    })
    .join("");
}

/** What a server without a fault answers. */
export function healthy({ path, authorization, body }: FakeRequest): FakeAnswer {
  if (authorization !== `Bearer ${key}`) return { status: 401, body: { error: "Unauthorized" } };
  const streaming = body["stream"] === true;
  const tools = body["tools"] !== undefined;
  const prompt = JSON.stringify(body["messages"] ?? []);
  const [route = ""] = path.split("?");
  switch (route) {
    case "/v1/models":
      return { body: { data: names.map((id) => ({ id, max_model_len: 32_768 })) } };
    case "/v1/chat/completions":
      if (tools) return { body: completion({ tool_calls: [{ function: { name: "ping", arguments: "{}" } }] }) };
      return { body: streaming ? chunks() : completion({ content: "Hello there." }) };
    case "/v1/messages/count_tokens":
      return { body: { input_tokens: tokens(prompt) } };
    case "/v1/messages": {
      const content = tools && !prompt.includes("tool_result") ? call : words;
      const stop_reason = content === call ? "tool_use" : "end_turn";
      const usage = { input_tokens: tokens(prompt), output_tokens: 4 };
      return { body: streaming ? messageEvents(content, stop_reason) : { content: [content], stop_reason, usage } };
    }
    default:
      return { status: 404, body: { error: "Not Found" } };
  }
}

/** One token a word. */
function tokens(prompt: string): number {
  return prompt.split(" ").length;
}

export function completion(message: object): object {
  return { choices: [{ message, finish_reason: "stop" }] };
}

export function chunks(): FakeEvent[] {
  const chunk = (choice: object): FakeEvent => ({ data: { choices: [choice] } });
  return [
    chunk({ delta: { content: "Hello " } }),
    chunk({ delta: { content: "there." } }),
    chunk({ delta: {}, finish_reason: "stop" }),
    { data: "[DONE]" },
  ];
}

export function messageEvents(content: { type: string }, stopReason: string): FakeEvent[] {
  const delta =
    content.type === "text" ? { type: "text_delta", text: "Hello" } : { type: "input_json_delta", partial_json: "{}" };
  const data = [
    { type: "message_start", message: { role: "assistant", content: [], usage: { input_tokens: 4 } } },
    { type: "content_block_start", index: 0, content_block: content },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: stopReason } },
    { type: "message_stop" },
  ];
  return data.map((each) => ({ event: each.type, data: each }));
}
