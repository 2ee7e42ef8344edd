import type { GpuModel } from "./gpus";
import type { ModelFigures } from "./models";

export const MiB = 2 ** 20;
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
  /** Tokens of one forward pass; vLLM's own default where it is not set. */
  readonly maxNumBatchedTokens?: number;
}

/** Memory of one GPU, in bytes, and what it allows. */
export interface Fit {
  readonly usable: number;
  readonly weights: number;
  /** Activations of the largest forward pass, CUDA context, NCCL: a range, because they vary between versions and backends. */
  readonly overhead: { readonly least: number; readonly most: number };
  readonly kvPerToken: number;
  /** KV cache of one sequence of `maxModelLen`: without it vLLM refuses to start. */
  readonly kvPerSequence: number;
  /** What is left for the KV cache, cautiously. */
  readonly kvAvailable: number;
  /** Sequences of `maxModelLen` at once, cautiously. More are queued or preempted, not refused. */
  readonly concurrency: number;
  /** The longest context that certainly fits, in whole blocks. */
  readonly longestContext: number;
  /**
   * `fits` even if the overhead is the most, `exceeds` even if it is the least, else `tight`: it may start, and may not
   * on the next version.
   */
  readonly verdict: "fits" | "tight" | "exceeds";
}

/** Bytes of a number of the KV cache and of activations: `auto` is the model's own 16-bit type. */
function dtypeBytes(dtype: string): number {
  return dtype === "float" || dtype === "float32" ? 4 : 2;
}

/** KV heads on each GPU: fewer heads than GPUs are repeated. */
function kvHeadsPerGpu(model: ModelFigures, tensorParallelSize: number): number {
  return Math.max(1, Math.ceil(model.kvHeads / tensorParallelSize));
}

/** KV cache bytes of one token in one layer on one GPU. */
function kvPerTokenAndLayer(model: ModelFigures, serving: Serving): number {
  const bytes = dtypeBytes(serving.dtype);
  // A latent vector belongs to all heads, so tensor parallelism does not divide it.
  if (model.attention.kind === "latent") return (model.attention.rank + model.attention.ropeSize) * bytes;
  return 2 * kvHeadsPerGpu(model, serving.tensorParallelSize) * model.headSize * bytes;
}

function layersPerGpu(model: ModelFigures, serving: Serving): number {
  return Math.ceil(model.layers / serving.pipelineParallelSize);
}

/** KV cache bytes on one GPU of a token that every layer keeps: what vLLM's logged cache size in tokens is counted in. */
export function kvBytesPerToken(model: ModelFigures, serving: Serving): number {
  return layersPerGpu(model, serving) * kvPerTokenAndLayer(model, serving);
}

/** KV cache bytes on one GPU of one sequence of `context` tokens, in whole blocks. */
export function kvBytesPerSequence(
  model: ModelFigures,
  serving: Serving,
  context: number,
  batchedTokens: number,
): number {
  const perLayer = kvPerTokenAndLayer(model, serving) * blockSize;
  const allBlocks = Math.ceil(context / blockSize);
  const layers = layersPerGpu(model, serving);
  if (model.attention.kind !== "sliding") return layers * allBlocks * perLayer;
  // vLLM keeps, in a sliding layer, the window and the tokens of the pass that is being computed.
  const { window, layers: all } = model.attention;
  const sliding = Math.ceil((layers * all) / model.layers);
  const kept = Math.min(context, window - 1 + batchedTokens);
  return ((layers - sliding) * allBlocks + sliding * (Math.ceil(kept / blockSize) + 1)) * perLayer;
}

/** vLLM's default for `--max-num-batched-tokens` behind its API server. */
export function defaultBatchedTokens(gpu: GpuModel): number {
  return gpu.memoryMiB >= 70 * 1024 && gpu.computeCapability >= 9 ? 8192 : 2048;
}

/** Bytes of activations in the forward pass that vLLM measures at start: the widest point of a layer, and the logits. */
function activationBytes(model: ModelFigures, serving: Serving, batchedTokens: number): number {
  const bytes = dtypeBytes(serving.dtype);
  const mlp = model.experts
    ? model.experts.perToken *
      (model.experts.intermediateSize + Math.max(2 * model.experts.intermediateSize, model.hiddenSize))
    : 3 * model.intermediateSize;
  const layer = batchedTokens * (mlp / serving.tensorParallelSize + 3 * model.hiddenSize) * bytes;
  const logits = serving.maxNumSeqs * model.vocabSize * 4 * 2;
  return Math.max(layer, logits);
}

/** The memory of one of the GPUs when `model` is served so. */
export function computeFit(model: ModelFigures, gpu: GpuModel, serving: Serving): Fit {
  const parallel = serving.tensorParallelSize * serving.pipelineParallelSize;
  const batched = Math.min(
    serving.maxNumBatchedTokens ?? defaultBatchedTokens(gpu),
    Math.max(serving.maxModelLen, 2048),
  );
  const usable = gpu.memoryMiB * MiB * serving.gpuMemoryUtilization;
  const widened = model.quantization === "none" ? dtypeBytes(serving.dtype) / 2 : 1;
  const weights = (model.weightBytes * widened) / parallel;
  const activations = activationBytes(model, serving, batched);
  const nccl = parallel > 1 ? 0.5 * GiB : 0;
  const overhead = { least: 0.5 * activations, most: 1.5 * activations + 0.75 * GiB + nccl };
  const kvAvailable = Math.max(0, usable - weights - overhead.most);
  const needed = (context: number): number => kvBytesPerSequence(model, serving, context, batched);
  const kvPerSequence = needed(serving.maxModelLen);
  const atMost = usable - weights - overhead.least;
  return {
    usable,
    weights,
    overhead,
    kvPerToken: kvBytesPerToken(model, serving),
    kvPerSequence,
    kvAvailable,
    concurrency: kvAvailable / kvPerSequence,
    longestContext: longest(model.maxContext, kvAvailable, needed),
    verdict: kvPerSequence <= kvAvailable ? "fits" : kvPerSequence <= atMost ? "tight" : "exceeds",
  };
}

/** The largest context, in whole blocks and at most `limit`, whose KV cache is within `available`. */
function longest(limit: number, available: number, needed: (context: number) => number): number {
  let low = 0;
  let high = Math.floor(limit / blockSize);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (needed(middle * blockSize) <= available) low = middle;
    else high = middle - 1;
  }
  return low * blockSize;
}
