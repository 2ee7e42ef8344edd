import type { Check } from "../check";
import { CheckFailed, type Exchange } from "../http";

interface Completion {
  choices?: {
    finish_reason?: unknown;
    message?: { content?: unknown; tool_calls?: { function?: { name?: unknown; arguments?: unknown } }[] | null };
    delta?: { content?: unknown };
  }[];
}

export const question = [{ role: "user", content: "Say hello in one short sentence." }];
/** Some models think first, and thinking takes tokens. */
export const maxTokens = 256;

const ping = {
  type: "function",
  function: { name: "ping", description: "test", parameters: { type: "object", properties: {} } },
};

/** OpenAI's chat completions. */
export const chatChecks: readonly Check[] = [
  {
    name: "chat",
    what: "a chat completion",
    needs: [],
    async run({ http, target }) {
      const sent = { model: target.model, max_tokens: maxTokens, messages: question };
      const { body, exchange } = await http.json<Completion>("/v1/chat/completions", sent);
      return { note: quoted(textOf(body.choices?.[0]?.message?.content, exchange)) };
    },
  },
  {
    name: "chat-stream",
    what: "a chat completion, streamed",
    needs: ["chat"],
    async run({ http, target }) {
      const sent = { model: target.model, max_tokens: maxTokens, messages: question, stream: true };
      const { events, exchange, secondsToFirstEvent } = await http.stream("/v1/chat/completions", sent);
      if (events.at(-1)?.data !== "[DONE]") throw new CheckFailed("the stream does not end with [DONE]", exchange);
      const choices = events.slice(0, -1).map(({ data }) => choiceOf(data, exchange));
      const text = choices.map((choice) => stringOf(choice?.delta?.content)).join("");
      textOf(text, exchange);
      const finished = choices.filter((choice) => choice?.finish_reason != null).length;
      if (finished !== 1) throw new CheckFailed(`the stream tells ${finished} finish reasons instead of one`, exchange);
      return { note: `${events.length} events, the first after ${secondsToFirstEvent.toFixed(2)} s` };
    },
  },
  {
    name: "chat-tool",
    what: "a tool call through /v1/chat/completions",
    needs: ["chat"],
    async run({ http, target }) {
      const messages = [{ role: "user", content: "call ping" }];
      const sent = { model: target.model, max_tokens: maxTokens, messages, tools: [ping], tool_choice: "required" };
      const { body, exchange } = await http.json<Completion>("/v1/chat/completions", sent);
      const message = body.choices?.[0]?.message;
      const call = message?.tool_calls?.[0]?.function;
      if (!call) {
        const text = typeof message?.content === "string" ? message.content : "";
        throw new CheckFailed("answered without a tool call", exchange, text || "no tool_use block");
      }
      if (call.name !== "ping") throw new CheckFailed(`called ${String(call.name)} instead of ping`, exchange);
      if (!isJsonObject(call.arguments)) throw new CheckFailed("the call's arguments are no JSON object", exchange);
      return { note: `ping(${String(call.arguments)})` };
    },
  },
];

function choiceOf(data: string, exchange: Exchange): NonNullable<Completion["choices"]>[number] | undefined {
  try {
    return (JSON.parse(data) as Completion).choices?.[0];
  } catch {
    throw new CheckFailed(`an event is no JSON: ${data.slice(0, 80)}`, exchange);
  }
}

function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function textOf(content: unknown, exchange: Exchange): string {
  if (typeof content === "string" && content.trim() !== "") return content;
  throw new CheckFailed("answered with no text", exchange);
}

function isJsonObject(text: unknown): boolean {
  try {
    const value = JSON.parse(String(text)) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

export function quoted(text: string): string {
  const line = text.trim().replace(/\s+/g, " ");
  return `"${line.length > 60 ? `${line.slice(0, 60)}…` : line}"`;
}
