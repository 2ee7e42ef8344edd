import type { ModelPreset } from "../types";
import { qwen25 } from "./families";
import { type Shape, files, half } from "./rows";
import { configInInferenceSim, configOf, fileSizes, fileSizesOf, reportOf, sizeFromShapes } from "./sources";

const family = { family: qwen25, ...files };
const common = { headSize: 128, vocabSize: 152_064, maxContext: 32_768, attention: { kind: "full" } } as const;
const awq = { quantization: "awq", quantizationGroup: 128, dtype: "float16" } as const;

const shape7b: Shape = {
  ...common,
  layers: 28,
  hiddenSize: 3584,
  attentionHeads: 28,
  kvHeads: 4,
  intermediateSize: 18_944,
};
const config7b = configInInferenceSim("qwen2.5-7b-instruct");
const limits7b = ["with tool_choice auto a 7B model calls tools only sometimes: send required, or take a 32B model"];

const shape14b: Shape = {
  ...common,
  layers: 48,
  hiddenSize: 5120,
  attentionHeads: 40,
  kvHeads: 8,
  intermediateSize: 13_824,
};
const config14b = configOf(
  "jebish7/Qwen2.5-14B-Instruct",
  "https://huggingface.co/jebish7/Qwen2.5-14B-Instruct/blob/main/config.json",
);

const shape32b: Shape = {
  ...common,
  layers: 64,
  hiddenSize: 5120,
  attentionHeads: 40,
  kvHeads: 8,
  intermediateSize: 27_648,
};
const config32b = configOf(
  "ehristoforu/qwen2.5-test-32b-it",
  "https://huggingface.co/ehristoforu/qwen2.5-test-32b-it/blob/6bcc8f1cedfe72471276d0159d1646be6ac50e40/config.json",
);

const shape72b: Shape = {
  ...common,
  layers: 80,
  hiddenSize: 8192,
  attentionHeads: 64,
  kvHeads: 8,
  intermediateSize: 29_568,
};
const config72b = configOf(
  "gghfez/UwU-72B-Preview",
  "https://huggingface.co/gghfez/UwU-72B-Preview/blob/64af8159bc15b908f7f1792121f99beaad633ce9/config.json",
);

export const qwen25Models: readonly ModelPreset[] = [
  {
    id: "Qwen/Qwen2.5-7B-Instruct-AWQ",
    base: "Qwen2.5-7B-Instruct",
    ...family,
    ...shape7b,
    ...awq,
    weightBytes: 5_570_000_000,
    limits: limits7b,
    sources: [
      configOf("Qwen/Qwen2.5-7B-Instruct", config7b.url),
      fileSizesOf("thesven/Qwen2-7B-Instruct-awq", "https://huggingface.co/thesven/Qwen2-7B-Instruct-awq/tree/main"),
    ],
  },
  {
    id: "Qwen/Qwen2.5-7B-Instruct",
    base: "Qwen2.5-7B-Instruct",
    ...family,
    ...shape7b,
    ...half,
    weightBytes: 15_230_974_976,
    limits: limits7b,
    sources: [config7b, sizeFromShapes],
  },
  {
    id: "Qwen/Qwen2.5-14B-Instruct-AWQ",
    base: "Qwen2.5-14B-Instruct",
    ...family,
    ...shape14b,
    ...awq,
    weightBytes: 9_979_340_800,
    limits: [],
    sources: [config14b, sizeFromShapes],
  },
  {
    id: "Qwen/Qwen2.5-14B-Instruct",
    base: "Qwen2.5-14B-Instruct",
    ...family,
    ...shape14b,
    ...half,
    weightBytes: 29_539_379_200,
    limits: [],
    sources: [config14b, sizeFromShapes],
  },
  {
    id: "Qwen/Qwen2.5-32B-Instruct-AWQ",
    base: "Qwen2.5-32B-Instruct",
    ...family,
    ...shape32b,
    ...awq,
    weightBytes: 19_330_000_000,
    limits: [],
    sources: [config32b, fileSizes("https://huggingface.co/Qwen/Qwen2.5-32B-Instruct-AWQ/tree/main")],
  },
  {
    id: "Qwen/Qwen2.5-32B-Instruct",
    base: "Qwen2.5-32B-Instruct",
    ...family,
    ...shape32b,
    ...half,
    weightBytes: 65_526_835_200,
    limits: [],
    sources: [config32b, sizeFromShapes],
  },
  {
    id: "Qwen/Qwen2.5-72B-Instruct-AWQ",
    base: "Qwen2.5-72B-Instruct",
    ...family,
    ...shape72b,
    // Padded from 29,568 before quantising, so that shards are whole groups; the size of the files shows it.
    intermediateSize: 29_696,
    ...awq,
    weightBytes: 41_593_880_576,
    limits: [],
    sources: [
      config72b,
      fileSizes("https://huggingface.co/Qwen/Qwen2.5-72B-Instruct-AWQ/tree/bfe0f13f8beda9b6c713352fe8377d0fac27116e"),
      reportOf(
        "https://huggingface.co/prudant/Tess-v2.5.2-Qwen2-72B-AWQ/commit/ec378f4d37fd5801da1e237863f63cc7f4833ade",
      ),
    ],
  },
  {
    id: "Qwen/Qwen2.5-72B-Instruct",
    base: "Qwen2.5-72B-Instruct",
    ...family,
    ...shape72b,
    ...half,
    weightBytes: 145_410_768_896,
    limits: [],
    sources: [config72b, sizeFromShapes],
  },
];
