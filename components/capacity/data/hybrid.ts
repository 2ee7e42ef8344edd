import type { ModelFigures, ModelPreset } from "../types";
import { qwen35, qwen3Coder } from "./families";
import { duplicates, safetensorsOnly } from "./files";
import {
  configInAiconfigurator,
  configOf,
  kvCacheAt,
  loadedSize,
  readLater,
  shapesAt,
  sizeFromShapes,
} from "./sources";

const files = { allowPatterns: safetensorsOnly, ignorePatterns: duplicates };
const half = { quantization: "none", dtype: "bfloat16" } as const;
const common = { headSize: 256, vocabSize: 248_320, maxContext: 262_144 } as const;

/**
 * Bytes that a layer of Gated DeltaNet keeps of a sequence: a 32-bit matrix of 128 × 128 for each value head, and three 16-bit steps of the
 * convolution over queries, keys (16 heads each) and values. Shapes: MambaStateShapeCalculator.gated_delta_net_state_shape, vLLM 0.13.0 to 0.32.0.
 */
const stateBytes = (valueHeads: number): number =>
  valueHeads * 128 * 128 * 4 + (2 * 16 * 128 + valueHeads * 128) * 3 * 2;

type Shape = Omit<ModelFigures, "weightBytes" | "quantization" | "dtype">;

/** Every fourth of the layers keeps a KV cache, the others a state. */
const shape27b: Shape = {
  ...common,
  layers: 64,
  hiddenSize: 5120,
  attentionHeads: 24,
  kvHeads: 4,
  intermediateSize: 17_408,
  attention: { kind: "hybrid", layers: 16, stateBytes: stateBytes(48) },
};
const shape35b: Shape = {
  ...common,
  layers: 40,
  hiddenSize: 2048,
  attentionHeads: 16,
  kvHeads: 2,
  intermediateSize: 512,
  experts: { perToken: 9, intermediateSize: 512 },
  attention: { kind: "hybrid", layers: 10, stateBytes: stateBytes(32) },
};

/** The shared expert is one more of those of each token. */
const shape122b: Shape = {
  ...common,
  layers: 48,
  hiddenSize: 3072,
  attentionHeads: 32,
  kvHeads: 2,
  intermediateSize: 1024,
  experts: { perToken: 9, intermediateSize: 1024 },
  attention: { kind: "hybrid", layers: 12, stateBytes: stateBytes(64) },
};
const shape397b: Shape = {
  ...shape122b,
  layers: 60,
  hiddenSize: 4096,
  experts: { perToken: 11, intermediateSize: 1024 },
  attention: { kind: "hybrid", layers: 15, stateBytes: stateBytes(64) },
};
const coderNext: Shape = {
  ...common,
  vocabSize: 151_936,
  layers: 48,
  hiddenSize: 2048,
  attentionHeads: 16,
  kvHeads: 2,
  intermediateSize: 5120,
  experts: { perToken: 11, intermediateSize: 512 },
  attention: { kind: "hybrid", layers: 12, stateBytes: stateBytes(32) },
};
const coderNextSources = readLater(
  // With 336 of its 512 experts.
  configOf(
    "QuantTrio/Qwen3-Coder-Next-E336",
    "https://huggingface.co/QuantTrio/Qwen3-Coder-Next-E336/blob/main/config.json",
  ),
  shapesAt("https://github.com/docker/model-runner/blob/main/ai/qwen3-coder-next-vllm.md"),
  sizeFromShapes,
);

const limits = [
  "the files also hold a layer for speculative decoding, which is not counted here",
  "its thoughts stand in the answer unless reasoningParser is qwen3",
];
const report35b = [
  // 10,240 bytes a token in 8 bits, and the states: 567,978 tokens in 5.98 GiB.
  kvCacheAt("https://github.com/noonghunna/club-3090/issues/612"),
  // 16.92 GiB on each of four GPUs.
  loadedSize("https://github.com/vllm-project/vllm/issues/50722"),
];

export const hybridModels: readonly ModelPreset[] = [
  {
    id: "Qwen/Qwen3.5-27B",
    base: "Qwen3.5-27B",
    family: qwen35,
    ...files,
    ...shape27b,
    ...half,
    weightBytes: 54_702_432_256,
    limits,
    sources: [configInAiconfigurator("Qwen--Qwen3.5-27B"), sizeFromShapes],
  },
  {
    id: "Qwen/Qwen3.5-35B-A3B",
    base: "Qwen3.5-35B-A3B",
    family: qwen35,
    ...files,
    ...shape35b,
    ...half,
    weightBytes: 70_204_186_624,
    loadedBytes: 72_670_000_000,
    limits,
    sources: [configInAiconfigurator("Qwen--Qwen3.5-35B-A3B"), sizeFromShapes, ...report35b],
  },
  {
    id: "Qwen/Qwen3.5-122B-A10B",
    base: "Qwen3.5-122B-A10B",
    family: qwen35,
    ...files,
    ...shape122b,
    ...half,
    weightBytes: 244_143_095_808,
    limits,
    sources: readLater(configInAiconfigurator("Qwen--Qwen3.5-122B-A10B"), sizeFromShapes),
  },
  {
    id: "Qwen/Qwen3.5-397B-A17B",
    base: "Qwen3.5-397B-A17B",
    family: qwen35,
    ...files,
    ...shape397b,
    ...half,
    weightBytes: 792_435_097_600,
    limits,
    sources: readLater(configInAiconfigurator("Qwen--Qwen3.5-397B-A17B"), sizeFromShapes),
  },
  {
    id: "Qwen/Qwen3.6-27B",
    base: "Qwen3.6-27B",
    family: qwen35,
    ...files,
    ...shape27b,
    ...half,
    weightBytes: 54_702_432_256,
    limits,
    sources: [
      configOf("nvidia/Qwen3.6-27B-NVFP4", configInAiconfigurator("nvidia--Qwen3.6-27B-NVFP4").url),
      sizeFromShapes,
    ],
  },
  {
    id: "Qwen/Qwen3.6-35B-A3B",
    base: "Qwen3.6-35B-A3B",
    family: qwen35,
    ...files,
    ...shape35b,
    ...half,
    weightBytes: 70_204_186_624,
    limits,
    sources: [
      configOf("nvidia/Qwen3.6-35B-A3B-NVFP4", configInAiconfigurator("nvidia--Qwen3.6-35B-A3B-NVFP4").url),
      sizeFromShapes,
    ],
  },
  {
    id: "Qwen/Qwen3-Coder-Next",
    base: "Qwen3-Coder-Next",
    family: qwen3Coder,
    ...files,
    ...coderNext,
    ...half,
    weightBytes: 159_245_139_968,
    limits: [],
    sources: coderNextSources,
  },
];
