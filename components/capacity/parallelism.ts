import { problem, type Problem } from "../text/errors";
import type { ModelFigures } from "./types";

/** Sizes that one node may have GPUs for. */
const sizes = [1, 2, 3, 4, 5, 6, 7, 8] as const;

interface Parallel {
  readonly modelId: string;
  readonly tensorParallelSize: number;
  readonly pipelineParallelSize: number;
}

/** Whether the heads can be dealt out: attention heads evenly, KV heads evenly or each to several GPUs. */
function headsDivide(size: number, figures: ModelFigures): boolean {
  if (figures.attentionHeads % size !== 0) return false;
  return figures.attention.kind === "latent" || figures.kvHeads % size === 0 || size % figures.kvHeads === 0;
}

/** Whether a shard of the layers' columns is whole groups of the quantisation. */
function groupsDivide(size: number, figures: ModelFigures): boolean {
  if (figures.quantizationGroup === undefined) return true;
  const columns = figures.experts?.intermediateSize ?? figures.intermediateSize;
  return columns % (size * figures.quantizationGroup) === 0;
}

/** The tensor-parallel sizes that vLLM takes for a model. */
export function parallelSizes(figures: ModelFigures): number[] {
  return sizes.filter((size) => headsDivide(size, figures) && groupsDivide(size, figures));
}

/** What speaks against splitting the model so. */
export function parallelProblems(input: Parallel, figures: ModelFigures): Problem[] {
  const { modelId, tensorParallelSize: size, pipelineParallelSize } = input;
  if (pipelineParallelSize > figures.layers) {
    const rule = `be at most ${figures.layers}, the layers of ${modelId}`;
    return [problem("pipelineParallelSize", pipelineParallelSize, rule, `set it to ${figures.layers} or less`)];
  }
  const remedy = `set tensorParallelSize to one of ${parallelSizes(figures).join(", ")}`;
  if (!headsDivide(size, figures)) {
    const kv =
      figures.attention.kind === "latent" ? "" : `, and divide or be a multiple of its ${figures.kvHeads} KV heads`;
    const rule = `divide the ${figures.attentionHeads} attention heads of ${modelId}${kv}`;
    return [problem("tensorParallelSize", size, rule, remedy)];
  }
  if (groupsDivide(size, figures)) return [];
  const columns = figures.experts?.intermediateSize ?? figures.intermediateSize;
  const rule = `leave each GPU a multiple of ${figures.quantizationGroup ?? 1} of the ${columns} columns of ${modelId}, because so many share a scale`;
  return [problem("tensorParallelSize", size, rule, remedy)];
}
