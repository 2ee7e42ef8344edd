import type { ModelPreset } from "../types";
import { llama3 } from "./families";
import { type Shape, files, half } from "./rows";
import {
  configInAiconfigurator,
  configInInferenceSim,
  configAt,
  configOf,
  llmdReport,
  loadedSize,
  sizeFromShapes,
} from "./sources";

const family = { family: llama3, ...files };
/** rope_scaling is part of these models: vLLM takes max_position_embeddings as it stands. */
const common = { headSize: 128, vocabSize: 128_256, maxContext: 131_072, attention: { kind: "full" } } as const;

const shape8b: Shape = {
  ...common,
  layers: 32,
  hiddenSize: 4096,
  attentionHeads: 32,
  kvHeads: 8,
  intermediateSize: 14_336,
};
const shape70b: Shape = {
  ...common,
  layers: 80,
  hiddenSize: 8192,
  attentionHeads: 64,
  kvHeads: 8,
  intermediateSize: 28_672,
};
const config33 = configAt(
  "https://github.com/ai-dynamo/aiconfigurator/blob/f577ab84/src/aiconfigurator/model_configs/meta-llama--Llama-3.3-70B-Instruct_config.json",
);
const limits = ["the licence has to be accepted on the Hub, or the download is refused", "one tool call at a time"];

export const llamaModels: readonly ModelPreset[] = [
  {
    id: "meta-llama/Llama-3.1-8B-Instruct",
    base: "Llama-3.1-8B-Instruct",
    ...family,
    ...shape8b,
    ...half,
    weightBytes: 16_060_522_496,
    limits,
    sources: [configInInferenceSim("llama-3.1-8b-instruct"), sizeFromShapes, loadedSize(llmdReport)],
  },
  {
    id: "meta-llama/Llama-3.1-70B-Instruct",
    base: "Llama-3.1-70B-Instruct",
    ...family,
    ...shape70b,
    ...half,
    weightBytes: 141_107_412_992,
    limits,
    sources: [
      configInInferenceSim("llama-3.1-70b-instruct"),
      configOf("meta-llama/Meta-Llama-3.1-70B", configInAiconfigurator("meta-llama--Meta-Llama-3.1-70B").url),
      sizeFromShapes,
    ],
  },
  {
    id: "meta-llama/Llama-3.3-70B-Instruct",
    base: "Llama-3.3-70B-Instruct",
    ...family,
    ...shape70b,
    ...half,
    weightBytes: 141_107_412_992,
    limits,
    sources: [config33, sizeFromShapes],
  },
  {
    id: "RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic",
    base: "Llama-3.3-70B-Instruct",
    ...family,
    ...shape70b,
    quantization: "fp8",
    dtype: "bfloat16",
    weightBytes: 72_656_371_712,
    limits: ["one tool call at a time"],
    sources: [configOf("meta-llama/Llama-3.3-70B-Instruct", config33.url), sizeFromShapes, loadedSize(llmdReport)],
  },
];
