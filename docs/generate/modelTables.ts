/** The lists of models and GPUs, and the check of the fit against published outcomes, as Markdown. */
import { defaults } from "../../components/args/defaults";
import { GiB, kvBytesPerToken } from "../../components/capacity/memory";
import { gpus } from "../../components/capacity/gpus";
import { models } from "../../components/capacity/models";
import type { Attention, ModelPreset, Source } from "../../components/capacity/types";
import { parallelSizes } from "../../components/capacity/parallelism";
import { table } from "./markdown";
import { ours, published, type Ours, type Published } from "./publishedFigures";

function gib(bytes: number, digits = 1): string {
  return (bytes / GiB).toFixed(digits);
}

/** Links to all sources; what has no address is said in words. */
function links(sources: readonly Source[]): string {
  return sources.map(({ of, url }) => (url.startsWith("https://") ? `[${of}](${url})` : `${of} (${url})`)).join(", ");
}

function attentionName(attention: Attention): string {
  switch (attention.kind) {
    case "full":
      return "all tokens";
    case "sliding":
      return (
        `window of ${attention.window} in ${attention.layers} layers` +
        (attention.full ? `, all tokens in heads of ${attention.full.headSize} in the others` : "")
      );
    case "hybrid":
      return `all tokens in ${attention.layers} layers, a state in the others`;
    case "latent":
      return "latent (MLA)";
  }
}

function kvKiB(model: ModelPreset): string {
  const serving = { ...defaults, pipelineParallelSize: 1 };
  return (kvBytesPerToken(model, serving) / 1024).toFixed(0);
}

/** What the figures of each row are from, below the table. */
function sourceList(rows: readonly { name: string; sources: readonly Source[] }[]): string {
  return ["Sources:", "", ...rows.map(({ name, sources }) => `- ${name}: ${links(sources)}`)].join("\n");
}

/** Every model of the list. */
export function presetTable(): string {
  const head = [
    "model",
    "weights, GiB",
    "stored as",
    "context",
    "KV cache, KiB a token",
    "attention keeps",
    "GPUs",
    "parser",
  ];
  const rows = models.map((model) => [
    `\`${model.id}\``,
    gib(model.weightBytes),
    model.quantization === "none" ? "16 bits" : model.quantization,
    model.maxContext.toLocaleString("en"),
    kvKiB(model),
    attentionName(model.attention),
    parallelSizes(model).join(", "),
    model.family.toolCallParsers.map((parser) => `\`${parser}\``).join(" or ") || "none",
  ]);
  const sources = models.map(({ id, sources }) => ({ name: `\`${id}\``, sources }));
  return `${table(head, rows)}\n\n${sourceList(sources)}`;
}

/** What is known to go wrong, what a chat template needs, and with which models. */
export function limitTable(): string {
  const known = (model: ModelPreset): string[] => [
    ...model.limits,
    ...(model.family.chatTemplate === undefined ? [] : [`chat template: ${model.family.chatTemplate}`]),
  ];
  const rows = [...new Set(models.flatMap(known))].map((limit) => {
    const concerned = models.filter((model) => known(model).includes(limit));
    return [limit, concerned.map(({ id }) => `\`${id}\``).join(", ")];
  });
  return table(["known limit", "models"], rows);
}

/** Every GPU of the list. */
export function gpuTable(): string {
  const rows = gpus.map((gpu) => [
    gpu.name,
    gpu.products.map((product) => `\`${product}\``).join(", "),
    gpu.memoryGiB.toFixed(2),
    gpu.computeCapability.toFixed(1),
  ]);
  const head = ["GPU", "`nvidia.com/gpu.product`", "memory that CUDA sees, GiB", "compute capability"];
  return `${table(head, rows)}\n\n${sourceList(gpus)}`;
}

const verdicts = { fits: "fits", tight: "may or may not start", exceeds: "refused" } as const;

function publishedOutcome(row: Published): string {
  const available = row.available === undefined ? "" : `, ${signed(row.available, 2)} GiB for the KV cache`;
  return `${row.outcome}${available}`;
}

function ourOutcome({ fit }: Ours): string {
  if (!fit) return "–";
  return `${verdicts[fit.verdict]}, ${gib(fit.kvAvailable.least)} to ${gib(fit.kvAvailable.most)} GiB`;
}

function kvError({ kvError: error }: Ours): string {
  return error === undefined ? "–" : `${signed(error * 100, 1)} %`;
}

/** A number with the typographic minus, and none before zero. */
function signed(value: number, digits: number): string {
  const rounded = Math.abs(value).toFixed(digits);
  return value < 0 && Number(rounded) !== 0 ? `−${rounded}` : rounded;
}

/** The published outcomes beside what the check says of them. */
export function publishedTable(): string {
  const head = [
    "model",
    "GPUs × share",
    "context",
    "vLLM",
    "published",
    "computed here",
    "error of the KV bytes",
    "set the ranges",
    "source",
  ];
  const rows = published.map((row, index) => {
    const computed = ours(row);
    const name = typeof row.gpu === "object" ? row.gpu.name : row.gpu;
    return [
      row.model,
      name === undefined ? "not stated" : `${row.gpus ?? 1} × ${name} × ${row.utilization ?? 0.9}`,
      row.context.toLocaleString("en"),
      String(row.vllm ?? "not stated"),
      publishedOutcome(row),
      ourOutcome(computed),
      kvError(computed),
      row.calibrates ? "yes" : "no",
      `[page][published-${index + 1}]`,
    ];
  });
  const links = published.map(({ source }, index) => `[published-${index + 1}]: ${source}`);
  return `${table(head, rows)}\n\n${links.join("\n")}`;
}
