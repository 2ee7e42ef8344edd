/** What works for Claude Code in front of one server: each cell of the table, from what was asked and answered. */
import { takesInlineSystem } from "../../../gateway/anthropic";
import { defaultAliases } from "../../../gateway/data/aliases";
import { outputTokens } from "../../../gateway/tokens";
import type { Line, Way } from "../servers";
import { directNames } from "../vllm";
import type { Recorded } from "./relay";
import { session, type Session, type SessionOptions } from "./session";

export const capabilities = [
  "first turn",
  "tool call",
  "second turn",
  "streaming",
  "?beta=true",
  "`system` inside messages",
  "thinking budget",
  "count_tokens",
  "WebSearch",
] as const;
export type Capability = (typeof capabilities)[number];

/** Green, or what was answered instead. */
export interface Cell {
  readonly green: boolean;
  /** The status of the answer that decides. */
  readonly status: number;
  readonly answer: string;
}

export type Cells = Readonly<Record<Capability, Cell>>;

export const context = 32_768;

/** What the block is made from. */
export function factsOf(line: Line, way: Way): SessionOptions["facts"] {
  return {
    aliases: way === "direct" ? directNames : defaultAliases,
    context,
    maxOutputTokens: outputTokens(context),
    takesInlineSystem: takesInlineSystem({ imageLine: line.line }),
  };
}

/** The answer of the tiny model after the result of its command. */
export const done = "The command answered.";

/** Runs the sessions one after the other. */
export async function tryAll(claude: string, line: Line, way: Way): Promise<{ cells: Cells; sessions: Session[] }> {
  const sessions: Session[] = [];
  const run = async (args: readonly string[], env: SessionOptions["env"] = {}): Promise<Session> => {
    const ran = await session({ claude, server: line.ways[way], facts: factsOf(line, way), args, env });
    sessions.push(ran);
    return ran;
  };
  const command = ["run the command", "--allowedTools", "Bash(cat:*)"];
  const block = await run(command);
  const [first, second] = block.recorded.filter(isTurn);
  // As it comes without the block's care for a server that refuses it.
  const careless = { CLAUDE_CODE_MODEL_CAPABILITIES: undefined, CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: undefined };
  const inline = factsOf(line, way).takesInlineSystem ? block : await run(command, careless);
  // A name of before adaptive thinking, for which it sends a budget, and `system` never.
  const budget = await run(command, { ...careless, ANTHROPIC_MODEL: "claude-haiku-4-5" });
  const counting = await run(["/context"]);
  const searching = await run(["search the web", "--tools", "WebSearch", "--allowedTools", "WebSearch"]);

  const has = (found: Recorded | undefined, when: boolean, other: string): Cell =>
    when ? cellOf(found) : { green: false, status: found?.status ?? 0, answer: other };
  const cells: Cells = {
    "first turn": cellOf(first),
    "tool call": has(second, hasResult(second), `no result of a tool was sent back: ${short(first?.received ?? "")}`),
    "second turn": has(second, block.exitCode === 0 && block.stdout.trim() === done, short(block.stdout)),
    streaming: has(
      first,
      block.recorded
        .filter(isTurn)
        .every(({ sent, type }) => sent.stream === true && type.startsWith("text/event-stream")),
      "an answer that is no stream",
    ),
    "?beta=true": has(first, first?.path.endsWith("?beta=true") === true, "it was not asked"),
    "`system` inside messages": cellOf(inline.recorded.filter(isTurn).find(hasInlineSystem)),
    "thinking budget": cellOf(budget.recorded.filter(isTurn).find(({ sent }) => sent.thinking?.type === "enabled")),
    count_tokens: cellOf(counting.recorded.find(({ path }) => path.startsWith("/v1/messages/count_tokens"))),
    WebSearch: cellOf(searching.recorded.find(({ sent }) => sent.tools?.some((tool) => !tool.input_schema))),
  };
  return { cells, sessions };
}

/** Whether a request is for an answer of the model. */
export function isTurn({ path }: Recorded): boolean {
  return path.startsWith("/v1/messages") && !path.startsWith("/v1/messages/");
}

function hasResult(record: Recorded | undefined): boolean {
  return JSON.stringify(record?.sent.messages ?? []).includes('"tool_result"');
}

function hasInlineSystem({ sent }: Recorded): boolean {
  return sent.messages?.some(({ role }) => role === "system") === true;
}

function cellOf(record: Recorded | undefined): Cell {
  if (!record) return { green: false, status: 0, answer: "it was not asked" };
  const { status, type, received } = record;
  if (status !== 200) return { green: false, status, answer: short(received) };
  const fault = type.startsWith("text/event-stream") ? /^event: error\ndata: (.*)$/m.exec(received)?.[1] : undefined;
  return fault === undefined ? { green: true, status, answer: "" } : { green: false, status, answer: short(fault) };
}

/** What an error says, without the server's own files and lines. */
function short(text: string): string {
  const said = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  const whole = said === undefined ? text : (JSON.parse(`"${said}"`) as string);
  const line = (whole.split(/(?:\n|\\n){2}/)[0] ?? "").trim().replaceAll(/\s+/g, " ");
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
