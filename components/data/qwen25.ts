import type { ModelFigures, ModelPreset } from "../models";
import { qwen25 } from "./families";
import { duplicates, safetensorsOnly } from "./files";

type Geometry = Omit<ModelFigures, "weightBytes" | "quantization" | "quantizationGroup" | "dtype">;

const shape7b: Geometry = {
  layers: 28,
  hiddenSize: 3584,
  attentionHeads: 28,
  kvHeads: 4,
  headSize: 128,
  intermediateSize: 18_944,
  vocabSize: 152_064,
  maxContext: 32_768,
  attention: { kind: "full" },
};

const common = {
  family: qwen25,
  allowPatterns: safetensorsOnly,
  ignorePatterns: duplicates,
  gated: false,
};

export const qwen25Models: readonly ModelPreset[] = [
  {
    id: "Qwen/Qwen2.5-7B-Instruct",
    base: "Qwen2.5-7B-Instruct",
    ...common,
    ...shape7b,
    weightBytes: 15_231_233_024,
    quantization: "none",
    dtype: "bfloat16",
    limits: [],
    sources: [],
  },
  {
    id: "Qwen/Qwen2.5-7B-Instruct-AWQ",
    base: "Qwen2.5-7B-Instruct",
    ...common,
    ...shape7b,
    weightBytes: 5_570_000_000,
    quantization: "awq",
    quantizationGroup: 128,
    dtype: "float16",
    limits: [],
    sources: [],
  },
];
