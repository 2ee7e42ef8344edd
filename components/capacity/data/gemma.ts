import type { ModelFigures, ModelPreset } from "../types";
import { gemma4 } from "./families";
import { files } from "./rows";
import { configInAiconfigurator, configOf, loadedSize, readLater, shapesAt, sizeFromShapes } from "./sources";

const common = {
  headSize: 256,
  vocabSize: 262_144,
  maxContext: 262_144,
  quantization: "none",
  dtype: "bfloat16",
} as const satisfies Partial<ModelFigures>;
const limits = ["its thoughts stand in the answer unless reasoningParser is gemma4"];

/** Five of six layers have a window; the sixth has heads of another size and number. The input embeddings are the output's, too. */
export const gemmaModels: readonly ModelPreset[] = [
  {
    id: "google/gemma-4-26B-A4B-it",
    base: "gemma-4-26B-A4B-it",
    family: gemma4,
    ...files,
    ...common,
    layers: 30,
    hiddenSize: 2816,
    attentionHeads: 16,
    kvHeads: 8,
    intermediateSize: 2112,
    attention: { kind: "sliding", window: 1024, layers: 25, full: { kvHeads: 2, headSize: 512 } },
    // 8 of 128, and beside them a dense part as wide as 3.
    experts: { perToken: 11, intermediateSize: 704 },
    weightBytes: 50_443_255_808,
    // With the vision encoder: 48.5 GiB.
    loadedBytes: 52_077_000_000,
    limits,
    sources: readLater(
      configOf("google/gemma-4-26B-A4B", configInAiconfigurator("google--gemma-4-26B-A4B").url),
      sizeFromShapes,
      loadedSize("https://myoceane.fr/index.php/wp-json/wp/v2/posts/10289"),
    ),
  },
  {
    id: "google/gemma-4-31B-it",
    base: "gemma-4-31B-it",
    family: gemma4,
    ...files,
    ...common,
    layers: 60,
    hiddenSize: 5376,
    attentionHeads: 32,
    kvHeads: 16,
    intermediateSize: 21_504,
    attention: { kind: "sliding", window: 1024, layers: 50, full: { kvHeads: 4, headSize: 512 } },
    weightBytes: 61_392_027_648,
    // The vision encoder weighs what that of the other one does: 1.6 GB.
    loadedBytes: 63_026_000_000,
    limits,
    sources: readLater(
      configOf("nvidia/Gemma-4-31B-IT-NVFP4", configInAiconfigurator("nvidia--Gemma-4-31B-IT-NVFP4").url),
      // 30.70 billion numbers.
      shapesAt("https://github.com/kyuz0/amd-strix-halo-toolboxes/issues/89"),
      sizeFromShapes,
    ),
  },
];
