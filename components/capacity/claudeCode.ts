/** What Claude Code's first request takes, in tokens: system prompt and tools (recorded with its versions in docs/chain.md). */
export const firstRequestTokens = 24_000;
/** The least context, in tokens, with which a model can answer Claude Code. */
export const minimumContext = 32_768;
