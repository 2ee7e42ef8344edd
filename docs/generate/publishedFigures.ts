import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import {
  computeFit,
  GiB,
  kvBytesPerSequence,
  kvBytesPerToken,
  type Fit,
  type Serving,
} from "../../components/capacity/memory";
import { resolveFigures } from "../../components/capacity/modelFigures";
import { findGpu } from "../../components/capacity/gpus";
import type { GpuModel } from "../../components/capacity/types";
import type { ModelFigures } from "../../components/capacity/types";

/** A row of publishedFigures.yaml, whose head says what the fields mean. */
export interface Published {
  readonly model: string;
  readonly figures?: Partial<ModelFigures>;
  readonly gpu?: string | Omit<GpuModel, "products" | "sources">;
  readonly gpus?: number;
  readonly utilization?: number;
  readonly context: number;
  readonly sequences?: number;
  readonly batch?: number;
  readonly vllm?: string | number;
  readonly outcome: "starts" | "refused";
  readonly available?: number;
  readonly tokens?: number;
  readonly needed?: number;
  readonly calibrates?: boolean;
  readonly source: string;
}

/** What this program says of a row. */
export interface Ours {
  readonly name: string;
  readonly attention: ModelFigures["attention"]["kind"];
  /** How far our KV bytes are from the published ones: those of a token, or of the sequence that `needed` is about. */
  readonly kvError?: number;
  /** Nothing where the page does not say which GPU. */
  readonly fit?: Fit;
}

export const published = parse(
  readFileSync(path.join(__dirname, "../data/publishedFigures.yaml"), "utf8"),
) as readonly Published[];

/** Computes a row as if it were to be deployed. */
export function ours(row: Published): Ours {
  const { figures } = resolveFigures(row.model, row.figures);
  if (!figures) throw new Error(`publishedFigures.yaml: no figures of ${row.model}`);
  const serving: Serving = {
    tensorParallelSize: row.gpus ?? 1,
    pipelineParallelSize: 1,
    maxModelLen: row.context,
    maxNumSeqs: row.sequences ?? 256,
    gpuMemoryUtilization: row.utilization ?? 0.9,
    dtype: "auto",
    enforceEager: false,
    ...(row.batch !== undefined && { maxNumBatchedTokens: row.batch }),
  };
  const kvError = errorOfKv(row, figures, serving);
  const gpu = gpuOf(row);
  return {
    name: nameOf(row, gpu),
    attention: figures.attention.kind,
    ...(kvError !== undefined && { kvError }),
    ...(gpu && { fit: computeFit(figures, gpu, serving) }),
  };
}

function errorOfKv(row: Published, figures: ModelFigures, serving: Serving): number | undefined {
  const { attention } = figures;
  if (row.tokens !== undefined && row.available !== undefined) {
    if (attention.kind === "sliding")
      throw new Error(`publishedFigures.yaml: the tokens of ${row.model} are not of one size`);
    return kvBytesPerToken(figures, serving) / ((row.available * GiB) / row.tokens) - 1;
  }
  if (row.needed === undefined) return undefined;
  if (attention.kind === "sliding" && row.batch === undefined)
    throw new Error(`publishedFigures.yaml: what ${row.model} needs depends on its batch`);
  return kvBytesPerSequence(figures, serving, row.context, row.batch ?? 0) / (row.needed * GiB) - 1;
}

function gpuOf(row: Published): GpuModel | undefined {
  if (typeof row.gpu === "object") return { ...row.gpu, products: [], sources: [] };
  if (row.gpu === undefined) return undefined;
  const gpu = findGpu(row.gpu);
  if (!gpu) throw new Error(`publishedFigures.yaml: no GPU ${row.gpu}`);
  return gpu;
}

function nameOf(row: Published, gpu: GpuModel | undefined): string {
  const on = gpu ? ` on ${row.gpus ?? 1} × ${gpu.name} × ${row.utilization ?? 0.9}` : "";
  return `${row.model}${on}, ${row.context} tokens, vLLM ${row.vllm ?? "?"}`;
}
