import type { Check, CheckContext } from "../check";
import { type Block, readMessageStream } from "../grammar";
import { type Answer, CheckFailed, type Exchange } from "../http";
import { toolCallFault, toolCallRequest } from "../../../gateway/toolCall";
import { maxTokens, question, quoted } from "./chat";

export interface Message {
  stop_reason?: unknown;
  content?: { type?: unknown; text?: unknown; name?: unknown; id?: unknown }[];
  usage?: { input_tokens?: unknown; cache_read_input_tokens?: unknown; cache_creation_input_tokens?: unknown };
}

export const anthropic = { "anthropic-version": "2023-06-01" };

/** The call of a tool that Claude Code must be able to make, as curl sends it in the documentation. */
export function askForToolCall({ http, target }: CheckContext): Promise<Answer<Message>> {
  return http.json<Message>("/v1/messages", toolCallRequest(target.model), anthropic);
}

/** Anthropic's messages, which Claude Code speaks. */
export const messageChecks: readonly Check[] = [
  {
    name: "messages",
    what: "an answer in words through /v1/messages",
    needs: [],
    async run({ http, target }) {
      const { body, exchange } = await http.json<Message>("/v1/messages", inWords(target.model), anthropic);
      const text = textIn(body);
      if (text.trim() === "") throw new CheckFailed("answered with no text", exchange);
      return { note: quoted(text) };
    },
  },
  {
    name: "messages-stream",
    what: "the same, streamed, event by event",
    needs: ["messages"],
    async run(context) {
      const { note } = await streamed(context, inWords(context.target.model));
      return { note };
    },
  },
  {
    name: "messages-tool",
    what: "a tool call through /v1/messages",
    needs: ["messages"],
    async run(context) {
      const { body, exchange } = await askForToolCall(context);
      const fault = toolCallFault(body);
      if (fault !== undefined) throw new CheckFailed(`answered ${fault}`, exchange, textIn(body) || fault);
      // A model may think first; but words before a call that was demanded are nobody's answer.
      const first = body.content?.find(({ type }) => type !== "thinking" && type !== "redacted_thinking");
      if (first?.type === "tool_use") return { note: "stop_reason tool_use, tool_use, ping" };
      const why =
        context.target.kind === "gateway"
          ? ": LiteLLM translates to a chat completion and back; `supported_endpoints` of its entry must name /v1/messages"
          : "";
      throw new CheckFailed(
        `answered a ${String(first?.type)} block before the call${why}`,
        exchange,
        "text before a call",
      );
    },
  },
  {
    name: "messages-tool-stream",
    what: "the same, streamed, event by event",
    needs: ["messages-tool"],
    async run(context) {
      const { note, blocks, exchange } = await streamed(context, toolCallRequest(context.target.model));
      const called = blocks.find(({ type }) => type === "tool_use");
      if (called?.name === "ping") return { note };
      const text = blocks.map(({ content }) => content).join("");
      const evidence = called ? undefined : text || "no tool_use block";
      throw new CheckFailed(`the stream calls ${called?.name ?? "no tool"} instead of ping`, exchange, evidence);
    },
  },
  {
    name: "second-turn",
    what: "a second turn that sends the tool's result back",
    needs: ["messages-tool"],
    async run(context) {
      const { body: first, exchange: asked } = await askForToolCall(context);
      const call = first.content?.find(({ type }) => type === "tool_use");
      if (typeof call?.id !== "string") throw new CheckFailed("the first turn's tool call has no id", asked);
      const sent = {
        ...toolCallRequest(context.target.model),
        // Forced, it would call the tool for ever.
        tool_choice: undefined,
        messages: [
          { role: "user", content: "call ping" },
          { role: "assistant", content: first.content },
          { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "pong" }] },
        ],
      };
      const { body, exchange } = await context.http.json<Message>("/v1/messages", sent, anthropic);
      const text = textIn(body);
      if (text.trim() !== "") return { note: quoted(text) };
      // A model that is free to choose may call again.
      if (body.content?.some(({ type }) => type === "tool_use")) return { note: "the model calls the tool again" };
      throw new CheckFailed("answered with neither text nor a tool call", exchange);
    },
  },
];

function inWords(model: string): object {
  return { model, max_tokens: maxTokens, messages: question };
}

/** The words of a message. */
export function textIn({ content }: Message): string {
  if (!Array.isArray(content)) return "";
  return content.map(({ type, text }) => (type === "text" && typeof text === "string" ? text : "")).join("");
}

interface StreamedAnswer {
  readonly note: string;
  readonly blocks: readonly Block[];
  readonly exchange: Exchange;
}

/** A streamed answer whose events keep to the grammar. */
export async function streamed({ http }: CheckContext, sent: object): Promise<StreamedAnswer> {
  const { events, exchange, secondsToFirstEvent } = await http.stream(
    "/v1/messages",
    { ...sent, stream: true },
    anthropic,
  );
  const { problems, blocks, stopReason } = readMessageStream(events);
  if (problems.length > 0) {
    const shown = problems.length > 5 ? [...problems.slice(0, 5), `${problems.length - 5} more`] : problems;
    throw new CheckFailed(shown.join("; "), exchange, `malformed stream: ${problems[0] ?? ""}`);
  }
  const first = `the first after ${secondsToFirstEvent.toFixed(2)} s`;
  return { note: `${events.length} events, ${first}, stop_reason ${stopReason}`, blocks, exchange };
}
