import type { ModelPreset } from "../types";
import { glm45, glm47 } from "./families";
import { files, half } from "./rows";
import { configAt, configInAiconfigurator, configOf, readLater, sizeFromShapes } from "./sources";

const common = {
  ...files,
  attentionHeads: 96,
  kvHeads: 8,
  headSize: 128,
  vocabSize: 151_552,
  attention: { kind: "full" },
} as const;
const large = {
  ...common,
  layers: 92,
  hiddenSize: 5120,
  intermediateSize: 12_288,
  // The shared one is one more.
  experts: { perToken: 9, intermediateSize: 1536 },
  ...half,
  weightBytes: 705_445_232_640,
} as const;
const limits = [
  "the files also hold a layer for speculative decoding, which is not counted here",
  "its thoughts stand in the answer unless reasoningParser is glm45",
];

export const glmModels: readonly ModelPreset[] = [
  {
    id: "zai-org/GLM-4.5-Air",
    base: "GLM-4.5-Air",
    family: glm45,
    ...common,
    layers: 46,
    hiddenSize: 4096,
    intermediateSize: 10_944,
    experts: { perToken: 9, intermediateSize: 1408 },
    ...half,
    maxContext: 131_072,
    weightBytes: 213_655_224_320,
    limits,
    sources: readLater(
      configOf(
        "PrimeIntellect/INTELLECT-3-Base",
        "https://huggingface.co/PrimeIntellect/INTELLECT-3-Base/blob/main/config.json",
      ),
      sizeFromShapes,
    ),
  },
  {
    id: "zai-org/GLM-4.5",
    base: "GLM-4.5",
    family: glm45,
    ...large,
    maxContext: 131_072,
    limits,
    sources: readLater(
      configOf(
        "Delta-Vector/GLM4.5-Scattermoe",
        "https://huggingface.co/Delta-Vector/GLM4.5-Scattermoe/blob/main/config.json",
      ),
      sizeFromShapes,
    ),
  },
  {
    id: "zai-org/GLM-4.7",
    base: "GLM-4.7",
    family: glm47,
    ...large,
    maxContext: 202_752,
    limits,
    sources: readLater(
      configAt("https://huggingface.co/zai-org/GLM-4.7/blob/refs%2Fpr%2F49/config.json"),
      sizeFromShapes,
    ),
  },
  {
    id: "zai-org/GLM-5.1-FP8",
    base: "GLM-5.1",
    family: glm47,
    ...files,
    layers: 78,
    hiddenSize: 6144,
    attentionHeads: 64,
    kvHeads: 64,
    headSize: 256,
    intermediateSize: 12_288,
    vocabSize: 154_880,
    maxContext: 202_752,
    quantization: "fp8",
    quantizationGroup: 128,
    dtype: "bfloat16",
    experts: { perToken: 9, intermediateSize: 2048 },
    // The index of sparse attention, as DeepSeek-V3.2 has it.
    attention: { kind: "latent", rank: 512, ropeSize: 64, indexBytes: 132 },
    weightBytes: 746_127_602_112,
    limits,
    sources: readLater(configInAiconfigurator("zai-org--GLM-5.1-FP8"), sizeFromShapes),
  },
];
