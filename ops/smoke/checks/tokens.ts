import type { Check, CheckContext, Finding } from "../check";
import { type Answer, CheckFailed } from "../http";
import { advised, needsContext } from "./claudeCode";
import { anthropic, type Message } from "./messages";

/** What Claude Code's first request takes. */
const firstRequest = 24_000;
/** Room for the template around the text, and for the answer. */
const margin = 1000;
/** Counts further apart come from another tokenizer. */
const tolerance = 0.02;

/** Text that hardly two tokenizers cut alike. */
const unusual =
  "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich — 12 345,67 €, naïve façade, 東京都, ping_pong().";

/** What LiteLLM 1.108.7 counts of it, with a tokenizer of its own, whatever the model; the chain's ring looks. */
const liteLlmCount = 51;

/** Counting, and a prompt of the size that Claude Code sends. */
export const tokenChecks: readonly Check[] = [
  {
    name: "count-tokens",
    what: "/v1/messages/count_tokens, counted by the model",
    needs: ["messages"],
    async run(context) {
      const messages = [{ role: "user", content: unusual }];
      const sent = { model: context.target.model, messages };
      const counted = await countedOrAdvice(context, sent);
      if (!("body" in counted)) return counted;
      const { input_tokens: count } = counted.body;
      if (typeof count !== "number" || count <= 0) throw new CheckFailed("tells no input_tokens", counted.exchange);
      const used = inputTokens(await ask(context, unusual));
      if (Math.abs(count - used) <= Math.max(2, used * tolerance))
        return { note: `${count} tokens, as the model counts` };
      const note = `${count} tokens, and the model itself counts ${used}`;
      if (context.target.kind === "vllm") throw new CheckFailed(note, counted.exchange);
      const early = "Claude Code compacts too early or too late";
      if (count === liteLlmCount)
        return { note, advice: `LiteLLM counts, with a tokenizer of its own, here: ${early}` };
      return {
        note,
        advice:
          `neither the model nor LiteLLM 1.108.7 (${liteLlmCount}) counts so: another version of it, or a foreign host that was sent the ` +
          `prompt. ${early}; see that no entry is of the provider anthropic, and that the gateway can reach no foreign host (NetworkPolicy)`,
      };
    },
  },
  {
    name: "long-prompt",
    what: "a prompt of 24,000 tokens, as Claude Code sends first",
    needs: ["messages"],
    skip: needsContext(firstRequest + margin),
    async run(context) {
      // How many tokens a word takes is the tokenizer's affair.
      const words = 1000;
      const few = inputTokens(await ask(context, filler(10)));
      const many = inputTokens(await ask(context, filler(10 + words)));
      const answer = await ask(context, filler(Math.ceil((firstRequest * words) / (many - few))));
      const used = inputTokens(answer);
      if (used < firstRequest) throw new CheckFailed(`only ${used} tokens arrived`, answer.exchange);
      return { note: `${used} tokens` };
    },
  },
];

/** A server without the endpoint: Claude Code reckons by itself then. */
async function countedOrAdvice({ http }: CheckContext, sent: object): Promise<Answer<Counted> | Finding> {
  const path = "/v1/messages/count_tokens";
  let counted: Answer<Counted> | undefined;
  const finding = await advised("client-no-count", async () => {
    counted = await http.json<Counted>(path, sent, anthropic);
    return { note: "" };
  });
  return counted ?? finding;
}

interface Counted {
  input_tokens?: unknown;
}

function filler(words: number): string {
  return "hello ".repeat(words).trim();
}

function ask({ http, target }: CheckContext, content: string): Promise<Answer<Message>> {
  const sent = { model: target.model, max_tokens: 16, messages: [{ role: "user", content }] };
  return http.json<Message>("/v1/messages", sent, anthropic);
}

/** All tokens of the prompt: those that were found in the prefix cache are told apart. */
function inputTokens({ body: { usage }, exchange }: Answer<Message>): number {
  const parts = [usage?.input_tokens, usage?.cache_read_input_tokens, usage?.cache_creation_input_tokens];
  if (typeof parts[0] !== "number") throw new CheckFailed("the answer tells no usage.input_tokens", exchange);
  return parts.reduce<number>((sum, part) => sum + (typeof part === "number" ? part : 0), 0);
}
