import type { ModelPreset } from "../types";
import { deepseekR1, deepseekV32, kimiK2 } from "./families";
import { files } from "./rows";
import { configInAiconfigurator, sizeFromShapes } from "./sources";

const latent = { kind: "latent", rank: 512, ropeSize: 64 } as const;
const deepseekShape = {
  layers: 61,
  hiddenSize: 7168,
  headSize: 192,
  intermediateSize: 18_432,
  quantization: "fp8",
  quantizationGroup: 128,
  dtype: "bfloat16",
  experts: { perToken: 8, intermediateSize: 2048 },
} as const;

/** Models with multi-head latent attention. */
export const latentModels: readonly ModelPreset[] = [
  {
    id: "deepseek-ai/DeepSeek-R1",
    base: "DeepSeek-R1",
    family: deepseekR1,
    ...files,
    layers: 61,
    hiddenSize: 7168,
    attentionHeads: 128,
    kvHeads: 128,
    headSize: 192,
    intermediateSize: 18_432,
    vocabSize: 129_280,
    // yarn stretches 4,096 by 40.
    maxContext: 163_840,
    quantization: "fp8",
    quantizationGroup: 128,
    dtype: "bfloat16",
    attention: { kind: "latent", rank: 512, ropeSize: 64 },
    experts: { perToken: 8, intermediateSize: 2048 },
    weightBytes: 673_148_532_736,
    limits: ["the files also hold layers for speculative decoding, about 15 GB that are not counted here"],
    sources: [configInAiconfigurator("deepseek-ai--DeepSeek-R1"), sizeFromShapes],
  },
  {
    id: "deepseek-ai/DeepSeek-V3.2",
    base: "DeepSeek-V3.2",
    family: deepseekV32,
    ...files,
    ...deepseekShape,
    attentionHeads: 128,
    kvHeads: 128,
    vocabSize: 129_280,
    maxContext: 163_840,
    // The index of sparse attention: 128 numbers of 8 bits and a 32-bit scale (DeepseekV32IndexerCache in vLLM 0.24.0).
    attention: { ...latent, indexBytes: 132 },
    weightBytes: 674_000_041_984,
    limits: ["the files also hold layers for speculative decoding, about 15 GB that are not counted here"],
    sources: [configInAiconfigurator("deepseek-ai--DeepSeek-V3.2"), sizeFromShapes],
  },
  {
    id: "moonshotai/Kimi-K2-Instruct",
    base: "Kimi-K2-Instruct",
    family: kimiK2,
    ...files,
    ...deepseekShape,
    attentionHeads: 64,
    kvHeads: 64,
    vocabSize: 163_840,
    maxContext: 131_072,
    attention: latent,
    weightBytes: 1_028_590_862_336,
    limits: [],
    sources: [configInAiconfigurator("moonshotai--Kimi-K2-Instruct"), sizeFromShapes],
  },
];
