import { computeFit, GiB, type Fit, type Serving } from "./capacity";
import { problem, type Problem } from "./errors";
import { findGpu, gpus, supports, type GpuModel } from "./gpus";
import { findModel, siblings, type ModelFigures, type ModelPreset } from "./models";

/** What the check reads of the configuration. */
export interface FitInput extends Omit<Serving, "maxNumBatchedTokens"> {
  readonly modelId: string;
  /** A name of gpus.ts or a node label's value; unset or empty: the memory is not checked. */
  readonly gpuModel?: string;
  readonly pvcSizeBytes: number;
  readonly toolCallParser?: string;
  readonly enableAutoToolChoice: boolean;
  readonly servedModelNames: readonly string[];
  /** Figures of a model outside the list, or of a changed one: they go before the preset's. */
  readonly figures?: Partial<ModelFigures>;
}

/** What stops the deployment, and what is only worth saying. */
export interface FitReport {
  readonly problems: Problem[];
  readonly notes: string[];
}

/** Claude Code's first request is about 24,000 tokens: below this context it fails. */
export const claudeContext = 32_768;

/** Figures without which nothing can be computed. */
const required = [
  "layers",
  "hiddenSize",
  "attentionHeads",
  "kvHeads",
  "headSize",
  "intermediateSize",
  "vocabSize",
  "maxContext",
  "weightBytes",
] as const;

/** The preset's figures with the user's over them, or the names of those that are missing. */
export function resolveFigures(input: Pick<FitInput, "modelId" | "figures">): ModelFigures | readonly string[] {
  const given: Partial<ModelFigures> = { ...findModel(input.modelId), ...input.figures };
  const missing = required.filter((name) => given[name] === undefined);
  if (missing.length > 0) return missing;
  return { quantization: "none", dtype: "bfloat16", attention: { kind: "full" }, ...given } as ModelFigures;
}

/** Everything about the model that is wrong before anything is applied, and what is worth knowing. */
export function fitProblems(input: FitInput): FitReport {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const preset = findModel(input.modelId);
  const figures = resolveFigures(input);
  const gpu = input.gpuModel ? findGpu(input.gpuModel) : undefined;

  problems.push(...aliasProblems(input));
  if (preset) problems.push(...parserProblems(input, preset));
  if (input.gpuModel && !gpu) {
    const known = gpus.map(({ name }) => name).join(", ");
    problems.push(
      problem(
        "gpuModel",
        input.gpuModel,
        `be one of ${known}`,
        "set one of them, or leave it unset: then the memory is not checked",
      ),
    );
  }
  if (!("layers" in figures)) {
    if (input.figures) {
      const rule = "hold every figure of a model that is not in the list of presets";
      problems.push(problem("modelFigures", undefined, rule, `set ${figures.join(", ")} too`));
    } else {
      notes.push(
        `Whether ${input.modelId} fits is unknown: it is not in the list of presets, so nothing about it is checked.`,
      );
    }
    return { problems, notes };
  }
  problems.push(...contextProblems(input, figures));
  problems.push(...parallelProblems(input, figures));
  problems.push(...claimProblems(input, figures, notes));
  if (gpu) {
    problems.push(...hardwareProblems(input, figures, gpu, notes));
    if (problems.length === 0) problems.push(...memoryProblems(input, figures, gpu, notes));
  } else if (!input.gpuModel) {
    notes.push(`Whether ${input.modelId} fits the GPU is unknown: gpuModel is not set.`);
  }
  return { problems, notes };
}

function aliasProblems(input: FitInput): Problem[] {
  const alias = input.servedModelNames.find((name) => name.toLowerCase().startsWith("claude"));
  if (alias === undefined || input.maxModelLen >= claudeContext) return [];
  const rule = `be at least ${claudeContext} while the model is served as ${alias}, because Claude Code's first request is about 24,000 tokens`;
  return [problem("maxModelLen", input.maxModelLen, rule, `set maxModelLen to ${claudeContext}, or drop the alias`)];
}

function parserProblems(input: FitInput, preset: ModelPreset): Problem[] {
  if (!input.enableAutoToolChoice) return [];
  const [best, ...others] = preset.family.toolCallParsers;
  if (best === undefined) {
    const rule = `be false for ${preset.id}, because vLLM has no tool-call parser for ${preset.family.name}`;
    return [problem("enableAutoToolChoice", true, rule, "set enableAutoToolChoice to false")];
  }
  const parser = input.toolCallParser ?? "";
  if ([best, ...others].includes(parser)) return [];
  const rule = `be ${[best, ...others].join(" or ")} for ${preset.id}, or its tool calls arrive as text`;
  return [problem("toolCallParser", parser, rule, `set toolCallParser to ${best}`)];
}

function contextProblems(input: FitInput, figures: ModelFigures): Problem[] {
  if (input.maxModelLen <= figures.maxContext) return [];
  const rule = `be at most ${figures.maxContext}, the longest context that the config.json of ${input.modelId} allows`;
  return [problem("maxModelLen", input.maxModelLen, rule, `set maxModelLen to ${figures.maxContext}`)];
}

function parallelProblems(input: FitInput, figures: ModelFigures): Problem[] {
  const { tensorParallelSize } = input;
  if (divides(tensorParallelSize, figures)) return [];
  const allowed = [1, 2, 3, 4, 5, 6, 7, 8, 16].filter((size) => divides(size, figures)).join(", ");
  const rule = `divide the ${figures.attentionHeads} attention heads of ${input.modelId}, and divide or be a multiple of its ${figures.kvHeads} KV heads`;
  return [problem("tensorParallelSize", tensorParallelSize, rule, `set tensorParallelSize to one of ${allowed}`)];
}

/** Whether vLLM can split the model over `size` GPUs. */
export function divides(size: number, figures: ModelFigures): boolean {
  if (figures.attentionHeads % size !== 0) return false;
  return figures.attention.kind === "latent" || figures.kvHeads % size === 0 || size % figures.kvHeads === 0;
}

function claimProblems(input: FitInput, figures: ModelFigures, notes: string[]): Problem[] {
  const one = figures.weightBytes * 1.05;
  const both = `${Math.ceil((2 * one) / GiB)}Gi`;
  if (input.pvcSizeBytes < one) {
    const rule = `hold the ${gib(figures.weightBytes)} of ${input.modelId}`;
    return [
      problem(
        "pvcSize",
        gib(input.pvcSizeBytes),
        rule,
        `set pvcSize to ${both}, which holds two revisions while one replaces the other`,
      ),
    ];
  }
  if (input.pvcSizeBytes < 2 * one) {
    notes.push(
      `pvcSize (${gib(input.pvcSizeBytes)}) holds one revision of ${input.modelId}; changing modelRevision needs ${both}, because both are there for a while.`,
    );
  }
  return [];
}

function hardwareProblems(input: FitInput, figures: ModelFigures, gpu: GpuModel, notes: string[]): Problem[] {
  const capability = gpu.computeCapability.toFixed(1);
  if (!supports.bfloat16(gpu) && input.dtype === "bfloat16") {
    const rule = `be another type on ${gpu.name}, because bfloat16 needs compute capability 8.0 and this GPU has ${capability}`;
    return [problem("dtype", input.dtype, rule, "set dtype to half")];
  }
  if (figures.quantization === "fp8" && !supports.fp8Arithmetic(gpu)) {
    notes.push(
      `${gpu.name} (compute capability ${capability}) keeps FP8 weights but computes in 16 bits: memory is saved, time is not.`,
    );
  }
  return [];
}

function memoryProblems(input: FitInput, figures: ModelFigures, gpu: GpuModel, notes: string[]): Problem[] {
  const fit = computeFit(figures, gpu, input);
  const sum = arithmetic(input, gpu, fit);
  if (fit.verdict === "exceeds") {
    const remedies = ways(input, figures, gpu);
    const remedy = remedies.length > 0 ? `set ${remedies.join(", or ")}` : "choose a smaller model";
    return [problem("maxModelLen", input.maxModelLen, `fit ${gpu.name}: ${sum}`, remedy)];
  }
  const concurrency = `${fit.concurrency.toFixed(1)} sequences of ${input.maxModelLen} tokens at once, more wait`;
  notes.push(
    fit.verdict === "tight"
      ? `${input.modelId} may or may not start on ${gpu.name}: ${sum}.`
      : `${input.modelId} fits ${gpu.name}: ${concurrency}.`,
  );
  return [];
}

function gib(bytes: number): string {
  return `${(bytes / GiB).toFixed(1)} GiB`;
}

/** The sum in words. */
export function arithmetic(input: Pick<FitInput, "gpuMemoryUtilization">, gpu: GpuModel, fit: Fit): string {
  const total = fit.usable / input.gpuMemoryUtilization;
  return (
    `${gib(fit.weights)} of weights + ${gib(fit.overhead.least)} to ${gib(fit.overhead.most)} of activations and overhead + ` +
    `${gib(fit.kvPerSequence)} of KV cache for one sequence, of ${gib(fit.usable)} (${gib(total)} × ${input.gpuMemoryUtilization}) on each ${gpu.name}`
  );
}

/** The nearest ways that fit, at most three. */
export function ways(input: FitInput, figures: ModelFigures, gpu: GpuModel): string[] {
  const fits = (model: ModelFigures, on: GpuModel, changes: Partial<FitInput> = {}): boolean =>
    computeFit(model, on, { ...input, ...changes }).verdict === "fits";
  const found: string[] = [];
  const { longestContext } = computeFit(figures, gpu, input);
  if (longestContext >= 2048) found.push(`maxModelLen to ${longestContext}`);
  const preset = findModel(input.modelId);
  const sibling = preset && siblings(preset).find((other) => fits(other, gpu));
  if (sibling) found.push(`modelId to ${sibling.id}`);
  const size = [2, 4, 8].find(
    (more) =>
      more > input.tensorParallelSize && divides(more, figures) && fits(figures, gpu, { tensorParallelSize: more }),
  );
  if (size !== undefined) found.push(`tensorParallelSize to ${size}`);
  const larger = gpus.toSorted((a, b) => a.memoryMiB - b.memoryMiB).find((other) => fits(figures, other));
  if (larger) found.push(`gpuModel to ${larger.name}`);
  return found.slice(0, 3);
}
