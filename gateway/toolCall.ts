/** The check that decides whether a model may get its aliases: one forced tool call through the Anthropic Messages API. */

export interface ToolCallTarget {
  /** Base URL of the server, without `/v1`. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Name by which the server knows the model. */
  readonly model: string;
  readonly signal?: AbortSignal | undefined;
}

/** What Claude Code needs first: a forced call of a tool without arguments. */
export function toolCallRequest(model: string): object {
  return {
    model,
    max_tokens: 64,
    tools: [{ name: "ping", description: "test", input_schema: { type: "object", properties: {} } }],
    tool_choice: { type: "any" },
    messages: [{ role: "user", content: "call ping" }],
  };
}

/** Returns when the model has answered with a call of the tool; else throws what came instead. No key is in the message. */
export async function proveToolCall(target: ToolCallTarget): Promise<void> {
  const { endpoint, text } = await answered(target, "/v1/messages", toolCallRequest(target.model));
  const fault = toolCallFault(parse(text));
  if (fault !== undefined) throw new Error(`${endpoint} answered ${fault}: ${shown(text, target.apiKey)}`);
}

/** Returns when the server takes the role `system` inside `messages`, as Claude Code sends it; else throws what came instead. */
export async function proveInlineSystem(target: ToolCallTarget): Promise<void> {
  const messages = [
    { role: "user", content: "say hello" },
    { role: "system", content: "# Environment" },
  ];
  await answered(target, "/v1/messages?beta=true", { model: target.model, max_tokens: 16, messages });
}

/** The text of a 2xx answer; anything else throws. */
async function answered(
  { url, apiKey, signal }: ToolCallTarget,
  path: string,
  sent: object,
): Promise<{ endpoint: string; text: string }> {
  const endpoint = `${url.replace(/\/+$/, "")}${path}`;
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "anthropic-version": "2023-06-01",
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify(sent),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    throw new Error(`${endpoint} cannot be reached: ${reason(error)}`);
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${endpoint} answered ${response.status}: ${shown(text, apiKey)}`);
  return { endpoint, text };
}

interface Message {
  stop_reason?: unknown;
  content?: { type?: unknown; name?: unknown }[];
}

/** What keeps an answer from being a call of `ping`; undefined if it is one. */
export function toolCallFault(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null || !Array.isArray((answer as Message).content)) {
    return "something that is no message";
  }
  const { stop_reason: stopReason, content = [] } = answer as Message;
  const call = content.find(({ type }) => type === "tool_use");
  if (call === undefined) return "no tool_use block, so the tool call was not parsed";
  if (call.name !== "ping") return `a call of ${String(call.name)} instead of ping`;
  return stopReason === "tool_use" ? undefined : `stop_reason ${String(stopReason)} instead of tool_use`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function shown(text: string, apiKey: string | undefined): string {
  // Hidden before it is cut: a key across the cut would be shown in part.
  const hidden = apiKey === undefined ? text : text.replaceAll(apiKey, "[api key]");
  return hidden.length > 300 ? `${hidden.slice(0, 300)}…` : hidden;
}

/** fetch hides the cause one level deeper. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
