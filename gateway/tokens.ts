import { firstRequestTokens } from "../components/capacity/claudeCode";

/** Claude Code asks for as much unless it is told otherwise. */
const claudeCodeDefault = 64_000;

/**
 * How many tokens an answer may have. vLLM refuses a request whose prompt and answer together could be longer than the context, so
 * half of what the first request leaves is kept for the conversation.
 */
export function outputTokens(context: number): number {
  const half = Math.floor((context - firstRequestTokens) / 2);
  return Math.min(claudeCodeDefault, Math.max(1024, Math.floor(half / 1024) * 1024));
}
