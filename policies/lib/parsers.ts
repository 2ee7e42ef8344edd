/** Which `--tool-call-parser` fits which models. */
import { findModel } from "../../components/capacity/models";

/**
 * By the start of the model's name, for models that are not among the presets; a fine-tune with a name of its own is not
 * judged by what it was made from. https://docs.vllm.ai/en/latest/features/tool_calling/
 */
const families: readonly [RegExp, readonly string[]][] = [
  [/^qwen3-?coder/i, ["qwen3_xml", "qwen3_coder"]],
  [/^(?:qwen-?(?:2\.5|3(?![.\d]))|qwq)/i, ["hermes"]],
  [/^(?:nous-)?(?:deep)?hermes/i, ["hermes"]],
  [/^llama-4-/i, ["llama4_pythonic", "llama4_json"]],
  [/^(?:meta-)?llama-3\.[123]-\d+b\b/i, ["llama3_json", "pythonic"]],
  [/^(?:mistral|ministral|mixtral|magistral|devstral)/i, ["mistral"]],
  [/^granite-?4/i, ["granite4", "hermes"]],
  [/^granite-?3/i, ["granite"]],
  [/^gpt-oss/i, ["openai"]],
  [/^deepseek-v4\.1/i, ["deepseek_v41"]],
  [/^deepseek-v4/i, ["deepseek_v4"]],
  [/^deepseek-v3\.2-exp/i, ["deepseek_v31", "deepseek_v32"]],
  [/^deepseek-v3\.2/i, ["deepseek_v32"]],
  [/^deepseek-v3\.1/i, ["deepseek_v31"]],
  [/^deepseek-(?:v3|r1)(?![.-]?(?:distill|\d))/i, ["deepseek_v3"]],
  [/^deepseek-(?:v3-0324|r1-0528)$/i, ["deepseek_v3"]],
  [/^glm-4\.[56]/i, ["glm45"]],
  [/^glm-4\.7/i, ["glm47"]],
  [/^kimi-k2/i, ["kimi_k2"]],
  [/^minimax-m2/i, ["minimax_m2"]],
  [/^seed-oss/i, ["seed_oss"]],
  [/^hunyuan-a13b/i, ["hunyuan_a13b"]],
  [/^olmo-?3/i, ["olmo3"]],
];

/** A distilled R1 is a fine-tune of its base, and only the base's form of calls can be expected of it. */
const distilled: readonly [RegExp, readonly string[]][] = [
  [/^deepseek-r1-(?:distill|\d{4})-qwen/i, ["hermes"]],
  [/^deepseek-r1-(?:distill|\d{4})-llama/i, ["llama3_json", "pythonic"]],
];

/** The parsers that fit a model; `undefined` if nobody here knows it. */
export function parsersOf(model: string): readonly string[] | undefined {
  const name = model.split("/").at(-1) ?? "";
  const base = distilled.find(([pattern]) => pattern.test(name));
  if (base) return base[1];
  const preset = findModel(model)?.family.toolCallParsers;
  // A family for which vLLM's list names none may still be served with one and a template of its own.
  return preset?.length ? preset : families.find(([pattern]) => pattern.test(name))?.[1];
}
