import type { ModelPreset } from "../types";
import { granite3, granite4 } from "./families";
import { files, full, half } from "./rows";
import { configAt, configOf, loadedSize, readLater, shapesAt, sizeFromShapes } from "./sources";

/** IBM's own article with the table of shapes, as another site shows it. */
const granite41 = shapesAt("https://arc-codex.com/article/b152637ab673996f473efcd13d58ff2b");

const rows = { ...files, ...full, ...half, maxContext: 131_072, kvHeads: 8 } as const;
const of3 = { ...rows, family: granite3, vocabSize: 49_155 } as const;
const of4 = { ...rows, family: granite4, vocabSize: 100_352 } as const;

const shape3b = { layers: 40, hiddenSize: 2560, attentionHeads: 40, headSize: 64, intermediateSize: 8192 };
const shape8b = { layers: 40, hiddenSize: 4096, attentionHeads: 32, headSize: 128, intermediateSize: 12_800 };

export const graniteModels: readonly ModelPreset[] = [
  {
    id: "ibm-granite/granite-3.1-2b-instruct",
    base: "granite-3.1-2b-instruct",
    ...of3,
    layers: 40,
    hiddenSize: 2048,
    attentionHeads: 32,
    headSize: 64,
    intermediateSize: 8192,
    weightBytes: 5_067_063_296,
    limits: [],
    sources: [
      configOf(
        "SpaceYL/Engine_Finetuned_V1",
        "https://huggingface.co/SpaceYL/Engine_Finetuned_V1/blob/main/config.json",
      ),
      sizeFromShapes,
    ],
  },
  {
    id: "ibm-granite/granite-3.1-8b-instruct",
    base: "granite-3.1-8b-instruct",
    ...of3,
    ...shape8b,
    weightBytes: 16_341_696_512,
    limits: [],
    sources: [
      configAt(
        "https://huggingface.co/ibm-granite/granite-3.1-8b-instruct/blame/96fedcdf5764b7e36d2737d129bc07caff913e72/config.json",
      ),
      sizeFromShapes,
    ],
  },
  {
    id: "ibm-granite/granite-4.0-micro",
    base: "granite-4.0-micro",
    ...of4,
    // The dense one of the family; those with an h in their names are mostly Mamba layers, which this list does not model.
    ...shape3b,
    weightBytes: 6_805_000_000,
    limits: [],
    sources: [
      configOf("Sethblocks/Neuron-v0.3-3b", "https://huggingface.co/Sethblocks/Neuron-v0.3-3b/blob/main/config.json"),
      shapesAt("https://ollama.com/library/granite4:latest/blobs/5c7ac4aead1b"),
      sizeFromShapes,
    ],
  },
  {
    id: "ibm-granite/granite-4.1-3b",
    base: "granite-4.1-3b",
    ...of4,
    ...shape3b,
    weightBytes: 6_805_258_240,
    limits: [],
    sources: readLater(
      granite41,
      shapesAt("https://ollama.com/dna5rm/granite4.1:3b-8k/blobs/662b0626cd58"),
      sizeFromShapes,
    ),
  },
  {
    id: "ibm-granite/granite-4.1-8b",
    base: "granite-4.1-8b",
    ...of4,
    ...shape8b,
    weightBytes: 16_760_438_784,
    // Its page counts 9 billion numbers, that of its base 8: the output embeddings may be there, and loaded, a second time.
    loadedBytes: 17_582_522_368,
    limits: ["its files may hold the output embeddings a second time, 0.8 GB that only the sum of the memory counts"],
    sources: readLater(
      granite41,
      shapesAt("https://huggingface.co/Atomic-Germ/Granite-4.1-8B-Function-Calling-NPU2"),
      loadedSize("https://huggingface.co/collections/ibm-granite/granite-41-language-models"),
      sizeFromShapes,
    ),
  },
  {
    id: "ibm-granite/granite-4.1-30b",
    base: "granite-4.1-30b",
    ...of4,
    ...shape8b,
    layers: 64,
    intermediateSize: 32_768,
    weightBytes: 57_730_400_256,
    limits: [],
    sources: readLater(
      granite41,
      shapesAt("https://huggingface.co/collections/ibm-granite/granite-41-language-models"),
      sizeFromShapes,
    ),
  },
];
