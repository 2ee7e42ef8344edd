import type { GpuModel } from "./types";
import type { Heads, ModelFigures } from "./types";

export const GiB = 2 ** 30;

/** Tokens in a block of the KV cache: vLLM's default on CUDA. */
const blockSize = 16;

/** How a model is to be served: what decides its memory besides the model and the GPU. */
export interface Serving {
  readonly tensorParallelSize: number;
  readonly pipelineParallelSize: number;
  readonly maxModelLen: number;
  readonly maxNumSeqs: number;
  readonly gpuMemoryUtilization: number;
  readonly dtype: string;
  /** Unset counts as true: no CUDA graphs. */
  readonly enforceEager?: boolean;
  /** Tokens of one forward pass; unset means vLLM's own default. */
  readonly maxNumBatchedTokens?: number;
  /** `auto` or unset: the type of the activations. Only types of `cacheBytes` can be reckoned with. */
  readonly kvCacheDtype?: string;
  /** Adapters that can be in one batch, and the rank that each slot is made for. */
  readonly lora?: { readonly slots: number; readonly rank: number };
}

/** A size that versions and kernels of vLLM do not agree on. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** Memory of one of the GPUs, in bytes, and what it allows. */
export interface Fit {
  /** The GPU's memory × `gpuMemoryUtilization`. */
  readonly usable: number;
  readonly weights: Range;
  /** Activations of the largest forward pass, CUDA, NCCL, CUDA graphs and the adapters' slots. */
  readonly overhead: Range;
  /** What one token takes where every layer keeps it: the unit of vLLM's "GPU KV cache size". */
  readonly kvPerToken: number;
  /** KV cache of one sequence of `maxModelLen`: without it vLLM refuses to start. */
  readonly kvPerSequence: number;
  /** What is left for the KV cache. */
  readonly kvAvailable: Range;
  /** Sequences of `maxModelLen` at once, at least. More are queued or preempted, not refused. */
  readonly concurrency: number;
  /** The longest context that certainly fits, in whole blocks. */
  readonly longestContext: number;
  /**
   * `fits` if the KV cache of one sequence has room whatever the version, `exceeds` if in none, else `tight`: it may start,
   * and may not.
   */
  readonly verdict: "fits" | "tight" | "exceeds";
}

/** Bytes of a number of the KV cache and of activations: `auto` is the model's own 16-bit type. */
function dtypeBytes(dtype: string): number {
  return dtype === "float" || dtype === "float32" ? 4 : 2;
}

/** Bytes of a number in the KV cache, by `--kv-cache-dtype`: STR_DTYPE_TO_TORCH_DTYPE of vLLM 0.13.0 to 0.32.0. */
const cacheBytes: Readonly<Record<string, number>> = {
  float16: 2,
  bfloat16: 2,
  fp8: 1,
  fp8_e4m3: 1,
  fp8_e5m2: 1,
  fp8_inc: 1,
};

/** Whether it is known what a token takes in a cache of this type: of scales beside the numbers nothing is known here. */
export function isKnownCache(dtype = "auto"): boolean {
  return dtype === "auto" || Object.hasOwn(cacheBytes, dtype);
}

function kvBytes({ dtype, kvCacheDtype = "auto" }: Serving): number {
  return cacheBytes[kvCacheDtype] ?? dtypeBytes(dtype);
}

function layersPerGpu(model: ModelFigures, serving: Serving): number {
  return Math.ceil(model.layers / serving.pipelineParallelSize);
}

/** KV cache bytes of one token in one layer on one GPU: of those layers that have `heads` of their own, or of all. */
function kvPerTokenAndLayer(model: ModelFigures, serving: Serving, own: Heads = model): number {
  const bytes = kvBytes(serving);
  // A latent vector belongs to all heads: tensor parallelism repeats it, and the formula with heads does not hold.
  if (model.attention.kind === "latent") {
    const { rank, ropeSize, indexBytes = 0 } = model.attention;
    return (rank + ropeSize) * bytes + indexBytes;
  }
  // Fewer KV heads than GPUs are repeated.
  const heads = Math.max(1, Math.ceil(own.kvHeads / serving.tensorParallelSize));
  return 2 * heads * own.headSize * bytes;
}

/** KV cache bytes on one GPU of a token that every layer keeps, or of a hybrid model those that keep any. */
export function kvBytesPerToken(model: ModelFigures, serving: Serving): number {
  const each = kvPerTokenAndLayer(model, serving);
  const layers = keepingLayers(model, serving);
  if (model.attention.kind !== "sliding") return layers * each;
  const sliding = Math.ceil((layers * model.attention.layers) / model.layers);
  return sliding * each + (layers - sliding) * kvPerTokenAndLayer(model, serving, model.attention.full);
}

/** Layers on one GPU that keep what belongs to each token. */
function keepingLayers(model: ModelFigures, serving: Serving): number {
  const layers = layersPerGpu(model, serving);
  return model.attention.kind === "hybrid" ? Math.ceil((layers * model.attention.layers) / model.layers) : layers;
}

/**
 * KV cache bytes on one GPU of one sequence of `context` tokens, in whole blocks, as vLLM's `max_memory_usage_bytes` counts
 * them: a sliding layer keeps its window and the tokens of the pass that is being computed, and one block more.
 */
export function kvBytesPerSequence(
  model: ModelFigures,
  serving: Serving,
  context: number,
  batchedTokens: number,
): number {
  const block = kvPerTokenAndLayer(model, serving) * blockSize;
  const layers = layersPerGpu(model, serving);
  const all = keepingLayers(model, serving) * Math.ceil(context / blockSize) * block;
  // A block of the other layers is made as large as a state, so that the last one may be half empty: one more state for each of them.
  if (model.attention.kind === "hybrid")
    return all + (layers * model.attention.stateBytes) / serving.tensorParallelSize;
  if (model.attention.kind !== "sliding") return all;
  const sliding = Math.ceil((layers * model.attention.layers) / model.layers);
  const kept = Math.min(context, model.attention.window - 1 + batchedTokens);
  const full = kvPerTokenAndLayer(model, serving, model.attention.full) * blockSize;
  return (
    (layers - sliding) * Math.ceil(context / blockSize) * full + sliding * (Math.ceil(kept / blockSize) + 1) * block
  );
}

/**
 * Tokens of one forward pass where nothing is set. vLLM 0.11 behind its API server takes 8,192 on Hopper and later and 2,048
 * elsewhere; later versions were seen to take 8,192 on an L4 too.
 */
export function defaultBatchedTokens(gpu: GpuModel): Range {
  const large = gpu.memoryGiB >= 70 && gpu.computeCapability >= 9;
  return { least: large ? 8192 : 2048, most: 8192 };
}

/**
 * Bytes of activations that vLLM measures at start. It runs one pass of the largest batch, whose widest point is in a
 * layer, and one sampling step of `maxNumSeqs` sequences, which holds several copies of the logits as 32-bit floats: from
 * 3.8 (0.19) to 9.7 (0.11) in published profiles, from which these factors are taken.
 */
function activations(model: ModelFigures, serving: Serving, batchedTokens: Range): Range {
  const mlp = model.experts
    ? model.experts.perToken *
      (model.experts.intermediateSize + Math.max(2 * model.experts.intermediateSize, model.hiddenSize))
    : 3 * model.intermediateSize;
  const perToken = (mlp / serving.tensorParallelSize + 3 * model.hiddenSize) * dtypeBytes(serving.dtype);
  const logits = serving.maxNumSeqs * model.vocabSize * 4;
  return {
    least: Math.max(0.8 * batchedTokens.least * perToken, 3.7 * logits),
    most: Math.max(1.2 * batchedTokens.most * perToken, 10 * logits),
  };
}

/** CUDA's and NCCL's own memory: 0.05 to 0.46 GiB on one GPU, 0.2 to 2.2 GiB on several, in the same profiles. */
function runtime(gpuCount: number): Range {
  return gpuCount > 1 ? { least: 0.2 * GiB, most: 2.3 * GiB } : { least: 0.05 * GiB, most: 0.5 * GiB };
}

/** Memory that the driver holds before vLLM starts: 0.61 GiB on an H100. vLLM refuses a share that is not free. */
const driver = 0.65 * GiB;
/** CUDA graphs of `enforceEager: false`: 0.4 to 1.2 GiB; newer versions take them out of vLLM's share. */
const cudaGraphs = 1.25 * GiB;

function weightsPerGpu(model: ModelFigures, serving: Serving): Range {
  const widened = model.quantization === "none" ? dtypeBytes(serving.dtype) / 2 : 1;
  const gpuCount = serving.tensorParallelSize * serving.pipelineParallelSize;
  const bytes = ((model.loadedBytes ?? model.weightBytes) * widened) / gpuCount;
  // Kernels repack quantised weights. MXFP4 differs most: one version ran out of memory where an earlier one had room for
  // 85,000 tokens (https://github.com/vllm-project/vllm/issues/33155).
  const margin = { none: 1.01, fp8: 1.02, awq: 1.04, mxfp4: 1.15 }[model.quantization];
  return { least: bytes, most: bytes * margin };
}

/**
 * Bytes of the slots for adapters, made at start whether an adapter uses them or not: beside each linear layer a matrix of inputs × rank and one
 * of rank × outputs. At most they are whole on every GPU, and the embeddings have some, too (vllm/lora/layers, 0.13.0 to 0.32.0).
 */
function adapters(model: ModelFigures, serving: Serving): Range {
  if (!serving.lora) return { least: 0, most: 0 };
  const [hidden, inner] = [model.hiddenSize, model.intermediateSize];
  const [queries, keys] = [model.attentionHeads * model.headSize, model.kvHeads * model.headSize];
  const layer = 7 * hidden + 2 * queries + 2 * keys + 3 * inner;
  const bytes = serving.lora.slots * serving.lora.rank * dtypeBytes(serving.dtype);
  const all = model.layers * layer * bytes;
  return { least: all / serving.tensorParallelSize / 2, most: all + 2 * (hidden + model.vocabSize) * bytes };
}

/** The memory of one of the GPUs when `model` is served so. */
export function computeFit(model: ModelFigures, gpu: GpuModel, serving: Serving): Fit {
  const { maxNumBatchedTokens: set } = serving;
  const batched = set === undefined ? defaultBatchedTokens(gpu) : { least: set, most: set };
  const graphs = serving.enforceEager === false ? cudaGraphs : 0;
  const usable = gpu.memoryGiB * GiB * serving.gpuMemoryUtilization;
  const weights = weightsPerGpu(model, serving);
  const active = activations(model, serving, batched);
  const own = runtime(serving.tensorParallelSize * serving.pipelineParallelSize);
  const slots = adapters(model, serving);
  const overhead = {
    least: active.least + own.least + slots.least,
    most: active.most + own.most + slots.most + graphs,
  };
  const cautious = Math.min(usable, gpu.memoryGiB * GiB - driver);
  const kvAvailable = {
    least: Math.max(0, cautious - weights.most - overhead.most),
    most: Math.max(0, usable - weights.least - overhead.least),
  };
  const needed = (context: number, tokens: number): number => kvBytesPerSequence(model, serving, context, tokens);
  const kvPerSequence = needed(serving.maxModelLen, batched.most);
  return {
    usable,
    weights,
    overhead,
    kvPerToken: kvBytesPerToken(model, serving),
    kvPerSequence,
    kvAvailable,
    concurrency: kvAvailable.least / kvPerSequence,
    longestContext: longest(model.maxContext, (context) => needed(context, batched.most) <= kvAvailable.least),
    verdict:
      kvPerSequence <= kvAvailable.least
        ? "fits"
        : needed(serving.maxModelLen, batched.least) <= kvAvailable.most
          ? "tight"
          : "exceeds",
  };
}

/** The largest context, in whole blocks and at most `limit`, that `fits`. */
function longest(limit: number, fits: (context: number) => boolean): number {
  let low = 0;
  let high = Math.floor(limit / blockSize);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle * blockSize)) low = middle;
    else high = middle - 1;
  }
  return low * blockSize;
}
