/** Which `--tool-call-parser` fits which models. */
import { findModel } from "../../components/models";

/** By the model's name, for models that are not among the presets. https://docs.vllm.ai/en/latest/features/tool_calling/ */
const families: readonly [RegExp, readonly string[]][] = [
  [/qwen3-?coder/i, ["qwen3_xml", "qwen3_coder"]],
  [/qwen-?(?:2\.5|3)|qwq/i, ["hermes"]],
  [/hermes/i, ["hermes"]],
  [/llama-?4/i, ["llama4_pythonic", "llama4_json"]],
  [/llama-?3\.[123]/i, ["llama3_json", "pythonic"]],
  [/mistral|ministral|mixtral|magistral|devstral/i, ["mistral"]],
  [/granite-?4/i, ["granite4", "hermes"]],
  [/granite/i, ["granite", "granite-20b-fc"]],
  [/gpt-?oss/i, ["openai"]],
  [/deepseek-?v3\.1/i, ["deepseek_v31"]],
  [/deepseek-?(?:v3|r1)/i, ["deepseek_v3"]],
  [/glm-?4\.[56]/i, ["glm45"]],
  [/glm-?4\.7/i, ["glm47"]],
  [/kimi-?k2/i, ["kimi_k2"]],
  [/olmo-?3/i, ["olmo3"]],
];

/** The parsers that fit a model; `undefined` if nobody here knows it. A fine-tune is not judged by a part of its name. */
export function parsersOf(model: string): readonly string[] | undefined {
  const preset = findModel(model);
  if (preset) return preset.family.toolCallParsers;
  const name = model.split("/").at(-1) ?? "";
  const [, parsers] = families.find(([pattern]) => pattern.test(name) && name.search(pattern) <= 12) ?? [];
  return parsers;
}
