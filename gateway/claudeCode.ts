import { quoted } from "../components/text/shell";
import { claudeModels } from "./data/aliases";

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
    // Its default of 64,000 is refused by a model with a smaller context.
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(facts.maxOutputTokens),
    // Otherwise it takes the context for that of the model whose name it uses, and compacts too late.
    CLAUDE_CODE_AUTO_COMPACT_WINDOW: String(facts.context),
    // A header that changes with every request would make vLLM's prefix cache useless.
    CLAUDE_CODE_ATTRIBUTION_HEADER: "0",
  };
}

export function claudeCodeBlock(facts: ClaudeCodeFacts): ClaudeCodeBlock {
  const env = claudeCodeEnvironment(facts);
  const lines = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return { exports: `${lines.join("\n")}\n`, settings: `${JSON.stringify({ env }, undefined, 2)}\n` };
}

/** The alias for a family of models; a gateway with other names gives its first one. */
function modelOf(family: keyof typeof claudeModels, aliases: readonly string[]): string {
  const known: readonly string[] = claudeModels[family];
  return (
    known.find((name) => aliases.includes(name)) ?? aliases.find((name) => name.includes(family)) ?? aliases[0] ?? ""
  );
}
