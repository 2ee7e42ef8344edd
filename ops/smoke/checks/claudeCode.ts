/** What Claude Code 2.1.332 sends besides, each by itself: recorded in front of a server on loopback. */
import { findSymptom } from "../../../components/symptoms";
import { toolCallRequest } from "../../../gateway/toolCall";
import type { Check, CheckContext, Finding } from "../check";
import { CheckFailed } from "../http";
import { question, quoted } from "./chat";
import { anthropic, type Message, textIn } from "./messages";

const betas = {
  ...anthropic,
  "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27",
};
/** Claude Code's own limit in a context of 32,768 tokens, and the budget that it makes of it. */
const answer = { max_tokens: 4096, thinking: { type: "enabled", budget_tokens: 4095 } };
/** About as long as Claude Code lets the result of a command be. */
const resultWords = 6000;

export const claudeCodeChecks: readonly Check[] = [
  {
    name: "beta-query",
    what: "/v1/messages?beta=true, with the headers of betas",
    needs: ["messages"],
    run: (context) => ask(context, { max_tokens: 64, messages: question }),
  },
  {
    name: "thinking-budget",
    what: "a budget for thinking, which Claude Code sends under names of 4.5 alone (advice)",
    needs: ["messages"],
    run: (context) => advised("client-thinking-budget", () => ask(context, { ...answer, messages: question })),
  },
  {
    name: "inline-system",
    what: "the role `system` inside messages, which Claude Code sends under names of today",
    needs: ["messages"],
    run: (context) =>
      // The block of `ops claude-code` keeps it out where the server is not known to take it.
      advised(context.target.takesInlineSystem === false && "client-inline-system", () =>
        ask(context, { max_tokens: 64, messages: [...question, { role: "system", content: "# Environment" }] }),
      ),
  },
  {
    name: "web-search",
    what: "a tool without `input_schema`, as WebSearch is (advice)",
    needs: ["messages"],
    run: (context) =>
      advised("client-web-search", () =>
        ask(context, {
          max_tokens: 64,
          messages: question,
          tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 8 }],
        }),
      ),
  },
  {
    name: "long-tool-result",
    what: "a second turn with a tool's result of some thousand tokens",
    needs: ["second-turn"],
    skip: needsContext(2 * resultWords),
    run(context) {
      const call = { type: "tool_use", id: "toolu_1", name: "ping", input: {} };
      return ask(context, {
        ...toolCallRequest(context.target.model),
        tool_choice: undefined,
        messages: [
          { role: "user", content: "call ping" },
          { role: "assistant", content: [call] },
          {
            role: "user",
            content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "pong ".repeat(resultWords) }],
          },
        ],
      });
    },
  },
];

async function ask({ http, target }: CheckContext, sent: object): Promise<Finding> {
  const { body, exchange } = await http.json<Message>(
    "/v1/messages?beta=true",
    { model: target.model, ...sent },
    betas,
  );
  if (body.content?.some(({ type }) => type === "tool_use")) return { note: "a tool call" };
  const text = textIn(body);
  if (text.trim() !== "" || body.content?.some(({ type }) => type === "thinking")) return { note: quoted(text) };
  throw new CheckFailed("answered with neither text nor a tool call", exchange);
}

/** Skips a check for which the context is too small. */
export function needsContext(tokens: number): NonNullable<Check["skip"]> {
  return ({ context }) =>
    context !== undefined && context < tokens
      ? `a context of ${context} tokens is too small for it, and for Claude Code`
      : undefined;
}

/** A refusal that Claude Code survives, or is kept from, is advice where it shows this symptom: with its remedy. */
export async function advised(symptom: string | false, run: () => Promise<Finding>): Promise<Finding> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CheckFailed) || error.exchange?.status === undefined) throw error;
    const { status, received } = error.exchange;
    const row = findSymptom("client", { text: `HTTP ${status} ${received}` });
    if (!row || row.id !== symptom) throw error;
    return { note: `answered ${status}`, advice: `${row.title}: ${row.remedy}` };
  }
}
