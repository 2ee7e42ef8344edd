/**
 * Model names that Claude Code asks for, by family; the first of each family is the one that its environment block names, and what `opus`,
 * `sonnet`, `haiku` and `fable` stand for in Claude Code 2.1.332, which was asked on 2026-11-30. Claude Sonnet 4.5 and Opus 4.5 are names that it
 * warns of: they stay for clients that still ask for them. A newer Claude Code may ask for others: set `aliases` then.
 * https://platform.claude.com/docs/en/about-claude/models/overview
 */
export const claudeModels = {
  opus: [
    "claude-opus-5-5",
    "claude-opus-5",
    "claude-opus-4-8",
    "claude-opus-4-7",
    "claude-opus-4-6",
    "claude-opus-4-5",
    "claude-opus-4-5-20251101",
  ],
  sonnet: [
    "claude-sonnet-5-5",
    "claude-sonnet-5",
    "claude-sonnet-4-6",
    "claude-sonnet-4-5",
    "claude-sonnet-4-5-20250929",
  ],
  // The small, fast one: background work, and built-in agents, which ask for it by its full name.
  haiku: ["claude-haiku-5-5", "claude-haiku-4-5", "claude-haiku-4-5-20251001"],
  fable: ["claude-fable-5-2", "claude-fable-5-1", "claude-fable-5"],
} as const;

export const defaultAliases: readonly string[] = Object.values(claudeModels).flat();
