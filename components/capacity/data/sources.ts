import type { Source } from "../types";

/** The day on which a page was opened and read, unless `readLater` says another. */
const read = "2026-11-24";

const aiconfigurator =
  "https://github.com/ai-dynamo/aiconfigurator/blob/095f58a5/aic-core/src/aiconfigurator_core/model_configs";
const inferenceSim = "https://github.com/inference-sim/inference-sim/blob/f90a1e3a/model_configs";

const page = (of: string, url: string): Source => ({ of, url, read });

/** The model's own config.json, or an unchanged copy of it. */
export const configAt = (url: string): Source => page("config.json", url);
/**
 * The config.json of another model with the same shapes: the one that this is a quantised copy of, or somebody's fine-tune or
 * copy of this one. Such are read where the model's own file could not be opened, and the tables name them.
 */
export const configOf = (model: string, url: string): Source => page(`config.json of ${model}`, url);
/** NVIDIA's aiconfigurator carries the config.json files of many models, unchanged. */
export const configInAiconfigurator = (name: string): Source => configAt(`${aiconfigurator}/${name}_config.json`);
export const configInInferenceSim = (name: string): Source => configAt(`${inferenceSim}/${name}/config.json`);
/** The same figures in another file than config.json, or as vLLM printed them. */
export const shapesAt = (url: string): Source => page("shapes", url);
export const kvCacheAt = (url: string): Source => page("KV cache", url);
export const fileSizes = (url: string): Source => page("size of the files", url);
export const fileSizesOf = (model: string, url: string): Source => page(`size of the files of ${model}`, url);
/** Where no page with the sizes could be opened: the bytes that config.json's shapes come to. A test repeats the sum. */
export const sizeFromShapes: Source = page("size of the weights", "config.json, counted");
export const loadedSize = (url: string): Source => page("size in GPU memory", url);
export const memoryOf = (url: string): Source => page("memory", url);
export const capabilityOf = (url: string): Source => page("compute capability", url);
export const parserOf = (url: string): Source => page("tool-call parser", url);
export const reportOf = (url: string): Source => page("known limit", url);

export const llmdReport =
  "https://github.com/llm-d/llm-d-benchmark/blob/25933486/config_explorer/empirical-vllm-memory-results.md";
export const vllmToolCalling = "https://github.com/vllm-project/vllm/blob/0064cc9c/docs/features/tool_calling.md";

/** The same pages, read on the later day. */
export const readLater = (...sources: readonly Source[]): Source[] =>
  sources.map((source) => ({ ...source, read: "2026-11-30" }));
