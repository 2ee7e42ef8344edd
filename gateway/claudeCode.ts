import { quoted } from "../components/text/shell";
import { claudeModels, defaultAliases } from "./data/aliases";

/** What Claude Code must be told of a gateway, or of a vLLM server itself. */
export interface ClaudeCodeFacts {
  /** Base URL without `/v1`. */
  readonly url: string;
  /** Undefined where nobody has given one: the block then says so. */
  readonly key: string | undefined;
  readonly aliases: readonly string[];
  /** Context of the smallest model. */
  readonly context: number;
  readonly maxOutputTokens: number;
  /** Whether every server is known to take the role `system` inside `messages`. */
  readonly takesInlineSystem: boolean;
}

/** The same settings twice, to paste where one wants them. */
export interface ClaudeCodeBlock {
  /** For a shell, which evaluates it. */
  readonly exports: string;
  /** For `~/.claude/settings.json`, or a project's `.claude/settings.json`. */
  readonly settings: string;
}

/** https://code.claude.com/docs/en/env-vars */
export function claudeCodeEnvironment(facts: ClaudeCodeFacts): Record<string, string> {
  const sonnet = modelOf("sonnet", facts.aliases);
  return {
    ANTHROPIC_BASE_URL: facts.url,
    ANTHROPIC_AUTH_TOKEN: facts.key ?? "<a key of this gateway>",
    ANTHROPIC_MODEL: sonnet,
    ANTHROPIC_DEFAULT_OPUS_MODEL: modelOf("opus", facts.aliases),
    ANTHROPIC_DEFAULT_SONNET_MODEL: sonnet,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: modelOf("haiku", facts.aliases),
    ANTHROPIC_DEFAULT_FABLE_MODEL: modelOf("fable", facts.aliases),
    // Its default of 64,000 is refused by a model with a smaller context.
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(facts.maxOutputTokens),
    ...compaction(facts),
    ...unknownName(facts),
    ...(facts.takesInlineSystem ? {} : withoutInlineSystem),
    // A header that changes with every request would make vLLM's prefix cache useless.
    CLAUDE_CODE_ATTRIBUTION_HEADER: "0",
  };
}

/**
 * Together they keep Claude Code 2.1.332 from sending the role `system` inside `messages`, under every name that it knows; each alone does not. The
 * price is a first request of 77 kB instead of 49 kB, because all tools are then described in it.
 */
const withoutInlineSystem = {
  CLAUDE_CODE_MODEL_CAPABILITIES: "-mid_conv_system",
  CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: "1",
};

/** Claude Code 2.1.332 takes a smaller window for this one, and says so on stderr. */
const smallestWindow = 100_000;
/** Tokens that one tool's result, or the demand for a summary, may add before Claude Code can compact. */
const reserve = 4096;

/**
 * By these it compacts before prompt and answer are longer than the context. Otherwise it takes the context for that of the model whose name it uses.
 * A smaller context than its smallest window is a percentage of that one, less the answer; CLAUDE_CODE_MAX_CONTEXT_TOKENS does nothing under names
 * that it knows.
 */
function compaction({ context, maxOutputTokens }: ClaudeCodeFacts): Record<string, string> {
  const window = Math.max(smallestWindow, context);
  const whole = { CLAUDE_CODE_AUTO_COMPACT_WINDOW: String(window) };
  if (context >= smallestWindow) return whole;
  const percent = Math.floor((100 * (context - maxOutputTokens - reserve)) / (window - maxOutputTokens));
  return {
    ...whole,
    CLAUDE_AUTOCOMPACT_PCT_OVERRIDE: String(Math.max(1, percent)),
    // A longer one would leave no room at all; the results of commands are shortened by Claude Code itself.
    CLAUDE_CODE_FILE_READ_MAX_OUTPUT_TOKENS: String(reserve),
  };
}

/** Of a name that it does not know Claude Code takes the window from here, and says one warning less. */
function unknownName({ aliases, context }: ClaudeCodeFacts): Record<string, string> {
  const known: readonly string[] = defaultAliases;
  if (aliases.some((name) => known.includes(name))) return {};
  return { CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(Math.max(smallestWindow, context)) };
}

export function claudeCodeBlock(facts: ClaudeCodeFacts): ClaudeCodeBlock {
  const env = claudeCodeEnvironment(facts);
  const lines = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return {
    exports: `${lines.join("\n")}\n`,
    settings: `${JSON.stringify({ env, ...withoutWebSearch }, undefined, 2)}\n`,
  };
}

/** It is a tool of Anthropic's own servers: a request for it is refused by vLLM, and ends as a failed tool call. */
const withoutWebSearch = { permissions: { deny: ["WebSearch"] } };

/** The alias for a family of models; a gateway with other names gives its first one. */
function modelOf(family: keyof typeof claudeModels, aliases: readonly string[]): string {
  const known: readonly string[] = claudeModels[family];
  return (
    known.find((name) => aliases.includes(name)) ?? aliases.find((name) => name.includes(family)) ?? aliases[0] ?? ""
  );
}
