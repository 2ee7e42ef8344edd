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
  [/^deepseek-v3\.1/i, ["deepseek_v31"]],
  [/^deepseek-(?:v3|r1)(?!-distill)/i, ["deepseek_v3"]],
  [/^glm-4\.[56]/i, ["glm45"]],
  [/^glm-4\.7/i, ["glm47"]],
  [/^kimi-k2/i, ["kimi_k2"]],
  [/^olmo-?3/i, ["olmo3"]],
];

/** The parsers that fit a model; `undefined` if nobody here knows it. */
export function parsersOf(model: string): readonly string[] | undefined {
  const preset = findModel(model);
  if (preset) return preset.family.toolCallParsers;
  const name = model.split("/").at(-1) ?? "";
  return families.find(([pattern]) => pattern.test(name))?.[1];
}
