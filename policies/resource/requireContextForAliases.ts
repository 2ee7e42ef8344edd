import { minimumContext } from "../../components/capacity/claudeCode";
import { flag, flagText } from "../lib/commandLine";
import { servesVllm } from "../lib/evidence";
import { matchesAny } from "../lib/patterns";
import { podsOf } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";
import { serverWords } from "../lib/server";

interface Settings {
  readonly minimumTokens: number;
  readonly aliases: readonly string[];
}

export const requireContextForAliases = resourcePolicy<Settings>({
  name: "require-context-for-aliases",
  description:
    "A server with Anthropic alias names has a context of at least 32,768 tokens, because Claude Code's first request " +
    "alone is about 24,000.",
  url: "https://code.claude.com/docs/en/llm-gateway",
  level: "mandatory",
  about: "servers",
  settings: {
    minimumTokens: {
      type: "integer",
      minimum: 1,
      default: minimumContext,
      description: "Tokens that --max-model-len must be at least.",
    },
    aliases: {
      type: "array",
      items: { type: "string" },
      default: ["claude-*"],
      description: "Served names that count as Anthropic aliases; an asterisk stands for any characters.",
    },
  },
  *check(object, { minimumTokens, aliases }): Iterable<Problem> {
    for (const container of podsOf(object).flatMap((pod) => pod.containers)) {
      if (!servesVllm(container)) continue;
      const words = serverWords(container);
      const served = flag(words, "served-model-name");
      const names = Array.isArray(served) ? (served as (string | symbol)[]) : [];
      const alias = names.find((name) => typeof name === "string" && matchesAny(aliases, name));
      const given = flagText(words, "max-model-len");
      const tokens = given === undefined ? undefined : humanInteger(given);
      // Without the flag it is the model's own longest context.
      if (alias === undefined || tokens === undefined || tokens >= minimumTokens) continue;
      yield {
        container: container.name,
        field: "--max-model-len",
        value: given,
        must: `be at least ${minimumTokens}, because ${String(alias)} is among the served names`,
        set: `set --max-model-len ${minimumTokens}, or drop the alias`,
      };
    }
  },
});

const factors: Record<string, number> = { k: 1e3, K: 1024, m: 1e6, M: 1024 ** 2, g: 1e9, G: 1024 ** 3 };

/** vLLM takes `32k` (32,000) and `32K` (32,768) too; `auto` and -1 are no number. */
function humanInteger(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([kKmMgG])?$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * (unit === undefined ? 1 : (factors[unit] ?? NaN));
}
