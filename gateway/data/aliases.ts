/**
 * Model names that Claude Code asks for, by family; the first of each family is the one that its environment block names. Read on 2026-11-24:
 * what `opus`, `sonnet` and `haiku` resolve to in Claude Code 2.1.311, first-party and behind a gateway, and the dated names of the
 * models' own page. A newer Claude Code may ask for others: set `aliases` then.
 * https://docs.rs/claude-codes/2.1.311/claude_codes/models/enum.ClaudeModel.html
 * https://platform.claude.com/docs/en/about-claude/models/overview
 */
export const claudeModels = {
  opus: [
    "claude-opus-4-5-20251101",
    "claude-opus-4-5",
    "claude-opus-4-6",
    "claude-opus-4-7",
    "claude-opus-4-8",
    "claude-opus-5",
    "claude-opus-5-5",
  ],
  sonnet: [
    "claude-sonnet-4-5-20250929",
    "claude-sonnet-4-5",
    "claude-sonnet-4-6",
    "claude-sonnet-5",
    "claude-sonnet-5-5",
  ],
  // The small, fast one: background work, and built-in agents, which ask for it by its full name.
  haiku: ["claude-haiku-4-5-20251001", "claude-haiku-4-5", "claude-haiku-5-5"],
} as const;

export const defaultAliases: readonly string[] = Object.values(claudeModels).flat();
