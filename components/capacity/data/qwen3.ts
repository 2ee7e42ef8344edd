import type { ModelPreset } from "../types";
import { qwen3, qwen3Coder } from "./families";
import { type Shape, files, half } from "./rows";
import {
  configInAiconfigurator,
  configInInferenceSim,
  configOf,
  kvCacheAt,
  llmdReport,
  loadedSize,
  sizeFromShapes,
} from "./sources";

const common = { headSize: 128, vocabSize: 151_936, maxContext: 40_960, attention: { kind: "full" } } as const;
/** Qwen's FP8 files have one scale for 128 × 128 numbers. */
const fp8 = { quantization: "fp8", quantizationGroup: 128, dtype: "bfloat16" } as const;

const shape8b: Shape = {
  ...common,
  layers: 36,
  hiddenSize: 4096,
  attentionHeads: 32,
  kvHeads: 8,
  intermediateSize: 12_288,
};
const shape14b: Shape = {
  ...common,
  layers: 40,
  hiddenSize: 5120,
  attentionHeads: 40,
  kvHeads: 8,
  intermediateSize: 17_408,
};
const shape32b: Shape = {
  ...common,
  layers: 64,
  hiddenSize: 5120,
  attentionHeads: 64,
  kvHeads: 8,
  intermediateSize: 25_600,
};
const shape30b: Shape = {
  ...common,
  layers: 48,
  hiddenSize: 2048,
  attentionHeads: 32,
  kvHeads: 4,
  intermediateSize: 6144,
  experts: { perToken: 8, intermediateSize: 768 },
};
const shape235b: Shape = {
  ...common,
  layers: 94,
  hiddenSize: 4096,
  attentionHeads: 64,
  kvHeads: 4,
  intermediateSize: 12_288,
  experts: { perToken: 8, intermediateSize: 1536 },
};
const coder30b: Shape = { ...shape30b, intermediateSize: 5472, maxContext: 262_144 };
const coder480b: Shape = {
  ...common,
  layers: 62,
  hiddenSize: 6144,
  attentionHeads: 96,
  kvHeads: 8,
  intermediateSize: 8192,
  maxContext: 262_144,
  experts: { perToken: 8, intermediateSize: 2560 },
};
const configCoder30b = [
  configOf("shailesh83/Qwen3-Coder-int8", "https://huggingface.co/shailesh83/Qwen3-Coder-int8/blob/main/config.json"),
  // 24.0 GiB for 262,144 tokens.
  kvCacheAt("https://github.com/vllm-project/vllm/issues/34076"),
];

export const qwen3Models: readonly ModelPreset[] = [
  {
    id: "Qwen/Qwen3-8B",
    base: "Qwen3-8B",
    family: qwen3,
    ...files,
    ...shape8b,
    ...half,
    weightBytes: 16_381_452_288,
    limits: [],
    sources: [configInAiconfigurator("Qwen--Qwen3-8B"), sizeFromShapes],
  },
  {
    id: "Qwen/Qwen3-14B",
    base: "Qwen3-14B",
    family: qwen3,
    ...files,
    ...shape14b,
    ...half,
    weightBytes: 29_536_593_920,
    limits: [],
    sources: [configInInferenceSim("qwen3-14b"), sizeFromShapes],
  },
  {
    id: "Qwen/Qwen3-32B",
    base: "Qwen3-32B",
    family: qwen3,
    ...files,
    ...shape32b,
    ...half,
    weightBytes: 65_524_213_760,
    limits: [],
    sources: [configInAiconfigurator("Qwen--Qwen3-32B"), sizeFromShapes, loadedSize(llmdReport)],
  },
  {
    id: "Qwen/Qwen3-32B-FP8",
    base: "Qwen3-32B",
    family: qwen3,
    ...files,
    ...shape32b,
    ...fp8,
    weightBytes: 34_326_210_560,
    limits: [],
    sources: [configInAiconfigurator("Qwen--Qwen3-32B-FP8"), sizeFromShapes],
  },
  {
    id: "Qwen/Qwen3-30B-A3B",
    base: "Qwen3-30B-A3B",
    family: qwen3,
    ...files,
    ...shape30b,
    ...half,
    weightBytes: 61_064_220_672,
    limits: [],
    sources: [configInAiconfigurator("Qwen--Qwen3-30B-A3B"), sizeFromShapes],
  },
  {
    id: "Qwen/Qwen3-30B-A3B-FP8",
    base: "Qwen3-30B-A3B",
    family: qwen3,
    ...files,
    ...shape30b,
    ...fp8,
    weightBytes: 31_174_520_832,
    limits: [],
    sources: [configInAiconfigurator("Qwen--Qwen3-30B-A3B-FP8"), sizeFromShapes],
  },
  {
    id: "Qwen/Qwen3-235B-A22B-FP8",
    base: "Qwen3-235B-A22B",
    family: qwen3,
    ...files,
    ...shape235b,
    ...fp8,
    weightBytes: 236_445_407_232,
    limits: [],
    sources: [configInAiconfigurator("Qwen--Qwen3-235B-A22B-FP8"), sizeFromShapes],
  },
  {
    id: "Qwen/Qwen3-Coder-30B-A3B-Instruct",
    base: "Qwen3-Coder-30B-A3B-Instruct",
    family: qwen3Coder,
    ...files,
    ...coder30b,
    ...half,
    weightBytes: 61_064_220_672,
    limits: [],
    sources: [...configCoder30b, sizeFromShapes],
  },
  {
    id: "Qwen/Qwen3-Coder-30B-A3B-Instruct-FP8",
    base: "Qwen3-Coder-30B-A3B-Instruct",
    family: qwen3Coder,
    ...files,
    ...coder30b,
    ...fp8,
    weightBytes: 31_174_520_832,
    limits: [],
    sources: [...configCoder30b, sizeFromShapes],
  },
  {
    id: "Qwen/Qwen3-Coder-480B-A35B-Instruct",
    base: "Qwen3-Coder-480B-A35B-Instruct",
    family: qwen3Coder,
    ...files,
    ...coder480b,
    ...half,
    weightBytes: 960_309_719_040,
    limits: [],
    sources: [configInAiconfigurator("Qwen--Qwen3-Coder-480B-A35B-Instruct"), sizeFromShapes],
  },
];
