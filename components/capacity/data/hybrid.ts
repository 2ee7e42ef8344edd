import type { ModelPreset } from "../types";
import { qwen35, qwen3Coder } from "./families";
import { type Shape, files, half } from "./rows";
import {
  configInAiconfigurator,
  configOf,
  kvCacheAt,
  loadedSize,
  readLater,
  shapesAt,
  sizeFromShapes,
} from "./sources";

const common = { headSize: 256, vocabSize: 248_320, maxContext: 262_144 } as const;

/**
 * Bytes that a layer of Gated DeltaNet keeps of a sequence: a 32-bit matrix of 128 × 128 for each value head, and three 16-bit steps of the
 * convolution over queries, keys (16 heads each) and values. Shapes: MambaStateShapeCalculator.gated_delta_net_state_shape, vLLM 0.13.0 to 0.32.0.
 */
const stateBytes = (valueHeads: number): number =>
  valueHeads * 128 * 128 * 4 + (2 * 16 * 128 + valueHeads * 128) * 3 * 2;

/** Every fourth of the layers keeps a KV cache, the others a state. */
const everyFourth = (layers: number, valueHeads: number) =>
  ({ layers, attention: { kind: "hybrid", layers: layers / 4, stateBytes: stateBytes(valueHeads) } }) as const;
/** Each expert is as wide as this. The shared one is one more of those of each token. */
const experts = (perToken: number, intermediateSize: number) => ({
  intermediateSize,
  experts: { perToken: perToken + 1, intermediateSize },
});

const shape27b: Shape = {
  ...common,
  ...everyFourth(64, 48),
  hiddenSize: 5120,
  attentionHeads: 24,
  kvHeads: 4,
  intermediateSize: 17_408,
};
const shape35b: Shape = {
  ...common,
  ...everyFourth(40, 32),
  ...experts(8, 512),
  hiddenSize: 2048,
  attentionHeads: 16,
  kvHeads: 2,
};
const shape122b: Shape = {
  ...common,
  ...everyFourth(48, 64),
  ...experts(8, 1024),
  hiddenSize: 3072,
  attentionHeads: 32,
  kvHeads: 2,
};
const shape397b: Shape = { ...shape122b, ...everyFourth(60, 64), ...experts(10, 1024), hiddenSize: 4096 };
const coderNext: Shape = {
  ...common,
  ...everyFourth(48, 32),
  ...experts(10, 512),
  vocabSize: 151_936,
  hiddenSize: 2048,
  attentionHeads: 16,
  kvHeads: 2,
  intermediateSize: 5120,
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

/** A row of Qwen3.5 or 3.6, whose models are named after what they are. */
const qwen = (
  base: string,
  shape: Shape,
  rest: Pick<ModelPreset, "weightBytes" | "sources" | "loadedBytes">,
): ModelPreset => ({
  id: `Qwen/${base}`,
  base,
  family: qwen35,
  ...files,
  ...shape,
  ...half,
  limits,
  ...rest,
});
/** The config of a sibling whose weights are stored otherwise. */
const configOfNvfp4 = (name: string) => configOf(`nvidia/${name}`, configInAiconfigurator(`nvidia--${name}`).url);

export const hybridModels: readonly ModelPreset[] = [
  qwen("Qwen3.5-27B", shape27b, {
    weightBytes: 54_702_432_256,
    sources: [configInAiconfigurator("Qwen--Qwen3.5-27B"), sizeFromShapes],
  }),
  qwen("Qwen3.5-35B-A3B", shape35b, {
    weightBytes: 70_204_186_624,
    loadedBytes: 72_670_000_000,
    sources: [configInAiconfigurator("Qwen--Qwen3.5-35B-A3B"), sizeFromShapes, ...report35b],
  }),
  qwen("Qwen3.5-122B-A10B", shape122b, {
    weightBytes: 244_143_095_808,
    sources: readLater(configInAiconfigurator("Qwen--Qwen3.5-122B-A10B"), sizeFromShapes),
  }),
  qwen("Qwen3.5-397B-A17B", shape397b, {
    weightBytes: 792_435_097_600,
    sources: readLater(configInAiconfigurator("Qwen--Qwen3.5-397B-A17B"), sizeFromShapes),
  }),
  qwen("Qwen3.6-27B", shape27b, {
    weightBytes: 54_702_432_256,
    sources: [configOfNvfp4("Qwen3.6-27B-NVFP4"), sizeFromShapes],
  }),
  qwen("Qwen3.6-35B-A3B", shape35b, {
    weightBytes: 70_204_186_624,
    sources: [configOfNvfp4("Qwen3.6-35B-A3B-NVFP4"), sizeFromShapes],
  }),
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
