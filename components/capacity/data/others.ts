import type { ModelFigures, ModelPreset } from "../types";
import { deepseekR1, gptOss, mistral, phi4 } from "./families";
import { mistralDuplicates, safetensorsOnly } from "./files";
import { files, full, half } from "./rows";
import {
  configAt,
  configInAiconfigurator,
  configInInferenceSim,
  configOf,
  llmdReport,
  loadedSize,
  readLater,
  reportOf,
  shapesAt,
  sizeFromShapes,
} from "./sources";

const mistralShape = {
  family: mistral,
  allowPatterns: safetensorsOnly,
  ignorePatterns: mistralDuplicates,
  layers: 40,
  hiddenSize: 5120,
  attentionHeads: 32,
  kvHeads: 8,
  headSize: 128,
  vocabSize: 131_072,
  // Mistral 7B v0.1 had a sliding window; these have none.
  ...full,
  ...half,
} as const;

export const mistralModels: readonly ModelPreset[] = [
  {
    id: "mistralai/Mistral-Nemo-Instruct-2407",
    base: "Mistral-Nemo-Instruct-2407",
    ...mistralShape,
    intermediateSize: 14_336,
    maxContext: 131_072,
    weightBytes: 24_495_564_800,
    limits: ["tool-call ids of 9 digits, unless another chat template is used"],
    sources: [configInInferenceSim("mistral-nemo-instruct-2407"), sizeFromShapes],
  },
  {
    id: "mistralai/Mistral-Small-24B-Instruct-2501",
    base: "Mistral-Small-24B-Instruct-2501",
    ...mistralShape,
    intermediateSize: 32_768,
    maxContext: 32_768,
    weightBytes: 47_144_806_400,
    limits: ["tool-call ids of 9 digits, unless another chat template is used"],
    sources: [
      configOf(
        "estrogen/Mistral-Small-24b-Sertraline-0304-eval-template",
        "https://huggingface.co/estrogen/Mistral-Small-24b-Sertraline-0304-eval-template/blob/d89dfd85de85ff027a476d4a2130702d62bab20b/config.json",
      ),
      sizeFromShapes,
    ],
  },
  {
    id: "mistralai/Devstral-Small-2-24B-Instruct-2512",
    base: "Devstral-Small-2-24B-Instruct-2512",
    ...mistralShape,
    quantization: "fp8",
    intermediateSize: 32_768,
    // yarn stretches 8,192 by 48; its card speaks of 256k.
    maxContext: 393_216,
    weightBytes: 24_914_165_760,
    // The vision encoder, about 0.4 billion numbers of 16 bits, is loaded too.
    loadedBytes: 25_700_000_000,
    limits: [
      "its layout for transformers, which is what is downloaded, wants transformers 5: vLLM 0.13 and 0.18 have 4",
    ],
    sources: readLater(
      shapesAt("https://fast.hugflare.com/levara/Devstral-Small-2-24B-TextOnly-FP8"),
      shapesAt("https://hface.pages.dev/mistralai/Devstral-Small-2-24B-Instruct-2512"),
      sizeFromShapes,
    ),
  },
];

const gptOssShape = {
  family: gptOss,
  ...files,
  hiddenSize: 2880,
  attentionHeads: 64,
  kvHeads: 8,
  headSize: 64,
  intermediateSize: 2880,
  vocabSize: 201_088,
  // yarn stretches 4,096 by 32.
  maxContext: 131_072,
  quantization: "mxfp4",
  dtype: "bfloat16",
  experts: { perToken: 4, intermediateSize: 2880 },
} as const;

export const gptOssModels: readonly ModelPreset[] = [
  {
    id: "openai/gpt-oss-20b",
    base: "gpt-oss-20b",
    ...gptOssShape,
    layers: 24,
    attention: { kind: "sliding", window: 128, layers: 12 },
    weightBytes: 13_756_170_240,
    loadedBytes: 14_463_000_000,
    limits: [],
    sources: [configInAiconfigurator("openai--gpt-oss-20b"), sizeFromShapes, loadedSize(llmdReport)],
  },
  {
    id: "openai/gpt-oss-120b",
    base: "gpt-oss-120b",
    ...gptOssShape,
    layers: 36,
    attention: { kind: "sliding", window: 128, layers: 18 },
    weightBytes: 65_221_263_360,
    loadedBytes: 69_127_000_000,
    limits: ["on one H100 vLLM 0.14.1 was reported out of memory where 0.11.2 ran"],
    sources: [
      configInAiconfigurator("openai--gpt-oss-120b"),
      sizeFromShapes,
      loadedSize(llmdReport),
      reportOf("https://github.com/vllm-project/vllm/issues/33155"),
    ],
  },
];

const distill = {
  family: deepseekR1,
  ...files,
  headSize: 128,
  vocabSize: 152_064,
  maxContext: 131_072,
  ...full,
  ...half,
} as const;

export const otherModels: readonly ModelPreset[] = [
  {
    id: "microsoft/phi-4",
    base: "phi-4",
    family: phi4,
    ...files,
    layers: 40,
    hiddenSize: 5120,
    attentionHeads: 40,
    kvHeads: 10,
    headSize: 128,
    intermediateSize: 17_920,
    vocabSize: 100_352,
    maxContext: 16_384,
    ...full,
    ...half,
    weightBytes: 29_319_014_400,
    limits: ["16,384 tokens of context: too few for Claude Code"],
    sources: [configAt("https://huggingface.co/microsoft/phi-4/blob/refs%2Fpr%2F10/config.json"), sizeFromShapes],
  },
  {
    id: "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
    base: "DeepSeek-R1-Distill-Qwen-7B",
    ...distill,
    layers: 28,
    hiddenSize: 3584,
    attentionHeads: 28,
    kvHeads: 4,
    intermediateSize: 18_944,
    weightBytes: 15_230_974_976,
    limits: ["no tool calls"],
    sources: [
      configOf(
        "prithivMLmods/QwQ-R1-Distill-7B-CoT",
        "https://huggingface.co/prithivMLmods/QwQ-R1-Distill-7B-CoT/blob/main/config.json",
      ),
      sizeFromShapes,
    ],
  },
  {
    id: "deepseek-ai/DeepSeek-R1-Distill-Qwen-14B",
    base: "DeepSeek-R1-Distill-Qwen-14B",
    ...distill,
    layers: 48,
    hiddenSize: 5120,
    attentionHeads: 40,
    kvHeads: 8,
    intermediateSize: 13_824,
    weightBytes: 29_539_379_200,
    limits: ["no tool calls"],
    sources: [
      configOf(
        "unsloth/DeepSeek-R1-Distill-Qwen-14B-bnb-4bit",
        "https://huggingface.co/unsloth/DeepSeek-R1-Distill-Qwen-14B-bnb-4bit/blame/5a80c10ee0e9d411fc33bf3377057d69a4938106/config.json",
      ),
      sizeFromShapes,
    ],
  },
  {
    id: "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B",
    base: "DeepSeek-R1-Distill-Qwen-32B",
    ...distill,
    layers: 64,
    hiddenSize: 5120,
    attentionHeads: 40,
    kvHeads: 8,
    intermediateSize: 27_648,
    weightBytes: 65_526_835_200,
    limits: ["no tool calls"],
    sources: [
      configOf("tttx/15k_sft_020525", "https://huggingface.co/tttx/15k_sft_020525/blob/main/config.json"),
      sizeFromShapes,
    ],
  },
] satisfies readonly (ModelPreset & ModelFigures)[];
