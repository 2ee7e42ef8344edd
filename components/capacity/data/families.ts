import type { ModelFamily } from "../types";
import { parserOf, readLater, vllmToolCalling } from "./sources";

export const qwen25: ModelFamily = {
  name: "Qwen2.5",
  toolCallParsers: ["hermes"],
  sources: [parserOf(vllmToolCalling)],
};

export const qwen3: ModelFamily = {
  name: "Qwen3",
  toolCallParsers: ["hermes"],
  sources: [parserOf("https://github.com/QwenLM/Qwen3/blob/main/docs/source/framework/function_call.md")],
};

export const qwen3Coder: ModelFamily = {
  name: "Qwen3-Coder",
  toolCallParsers: ["qwen3_xml", "qwen3_coder"],
  sources: [parserOf(vllmToolCalling), parserOf("https://github.com/vllm-project/vllm/issues/34076")],
};

/** The recipe has the parser of thoughts; of tool calls that page's later part and the report say qwen3_coder. */
export const qwen35: ModelFamily = {
  name: "Qwen3.5",
  toolCallParsers: ["qwen3_coder", "qwen3_xml"],
  sources: [
    parserOf("https://docs.vllm.ai/projects/recipes/en/latest/Qwen/Qwen3.5.html"),
    parserOf("https://github.com/noonghunna/club-3090/issues/612"),
  ],
};

export const kimiK2: ModelFamily = {
  name: "Kimi-K2",
  toolCallParsers: ["kimi_k2"],
  sources: [parserOf("https://docs.vllm.ai/en/stable/api/vllm/parser/kimi_k2/")],
};

/** vLLM 0.13.0 has it, too. */
export const deepseekV32: ModelFamily = {
  name: "DeepSeek-V3.2",
  toolCallParsers: ["deepseek_v32"],
  sources: [parserOf("https://docs.vllm.ai/en/stable/api/vllm/parser/deepseek_v32/")],
};

export const llama3: ModelFamily = {
  name: "Llama 3",
  toolCallParsers: ["llama3_json"],
  chatTemplate: "vLLM recommends its own examples/tool_chat_template_llama3.1_json.jinja",
  sources: [parserOf(vllmToolCalling)],
};

export const mistral: ModelFamily = {
  name: "Mistral",
  toolCallParsers: ["mistral"],
  chatTemplate:
    "the Hub's template wants tool-call ids of 9 digits: vLLM's examples/tool_chat_template_mistral_parallel.jinja",
  sources: [parserOf(vllmToolCalling)],
};

export const granite3: ModelFamily = {
  name: "Granite 3",
  toolCallParsers: ["granite"],
  sources: [parserOf(vllmToolCalling)],
};

/** vLLM 0.11's page says hermes for Granite 4, later ones granite4: the image's version decides. */
export const granite4: ModelFamily = {
  name: "Granite 4",
  toolCallParsers: ["hermes", "granite4"],
  sources: [parserOf(vllmToolCalling)],
};

export const gptOss: ModelFamily = {
  name: "gpt-oss",
  toolCallParsers: ["openai"],
  sources: [parserOf(vllmToolCalling)],
};

/** vLLM's list of parsers names no model of these. */
export const phi4: ModelFamily = { name: "Phi-4", toolCallParsers: [], sources: [parserOf(vllmToolCalling)] };

export const deepseekR1: ModelFamily = {
  name: "DeepSeek-R1 and its distills",
  toolCallParsers: [],
  sources: [parserOf(vllmToolCalling)],
};

export const gemma4: ModelFamily = {
  name: "Gemma 4",
  toolCallParsers: ["gemma4"],
  chatTemplate: "vLLM's recipe gives its own examples/tool_chat_template_gemma4.jinja",
  sources: readLater(
    parserOf("https://recipes.vllm.ai/Google/gemma-4-31B-it"),
    parserOf("https://myoceane.fr/index.php/wp-json/wp/v2/posts/10289"),
  ),
};

export const glm45: ModelFamily = {
  name: "GLM-4.5",
  toolCallParsers: ["glm45"],
  sources: readLater(parserOf("https://docs.vllm.ai/en/v0.22.1/api/vllm/tool_parsers/glm47_moe_tool_parser/")),
};

/** GLM-5 calls tools as GLM-4.7 does. */
export const glm47: ModelFamily = {
  name: "GLM-4.7 and GLM-5",
  toolCallParsers: ["glm47"],
  sources: readLater(
    parserOf("https://docs.vllm.ai/en/v0.22.1/api/vllm/tool_parsers/glm47_moe_tool_parser/"),
    parserOf("https://recipes.vllm.ai/zai-org/GLM-5.1"),
  ),
};
