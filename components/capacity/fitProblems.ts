import { minimumContext } from "./claudeCode";
import { computeFit, GiB, isKnownCache, type Fit, type Range, type Serving } from "./memory";
import { problem, type Problem } from "../text/errors";
import { findGpu, gpus } from "./gpus";
import type { GpuModel } from "./types";
import { resolveFigures } from "./modelFigures";
import { dtypeProblems, hardwareNotes, hardwareProblems } from "./hardware";
import { sliceOf } from "./slices";
import { findModel, siblings } from "./models";
import type { ModelFigures, ModelPreset } from "./types";
import { parallelProblems, parallelSizes } from "./parallelism";

/** What the check reads of the configuration. */
export interface FitInput extends Serving {
  readonly modelId: string;
  /** A name of gpus.ts or a node label's value; unset or empty: the memory is not checked. */
  readonly gpuModel?: string;
  /** What the nodes offer the GPU as; a MIG slice has a part of its memory. */
  readonly gpuResource?: string;
  /** Infinity where the claim is not made here. */
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

/** On disk a revision is its weights and a little more (tokenizer, configuration, the marker). */
const diskOverWeights = 1.05;

/** Everything about the model that is wrong before anything is applied, and what is worth knowing. */
export function fitProblems(input: FitInput): FitReport {
  const preset = findModel(input.modelId);
  const { figures, problems: figureProblems } = resolveFigures(input.modelId, input.figures);
  const whole = input.gpuModel ? findGpu(input.gpuModel) : undefined;
  const { gpu, problems: sliceProblems } = whole
    ? sliceOf(whole, input.gpuResource ?? "")
    : { gpu: undefined, problems: [] };
  const problems = [
    ...figureProblems,
    ...gpuProblems(input, gpu),
    ...sliceProblems,
    ...aliasProblems(input, figures),
    ...(preset ? parserProblems(input, preset) : []),
  ];
  if (!figures) return { problems, notes: input.figures ? [] : [unlisted(input.modelId)] };
  const claim = claimReport(input, figures);
  const shape = [
    ...contextProblems(input, figures),
    ...parallelProblems(input, figures),
    ...dtypeProblems(input, figures),
    ...(gpu ? hardwareProblems(input, figures, gpu) : []),
  ];
  const unreckoned = notReckoned(input, figures);
  const isReckoned = shape.length === 0 && sliceProblems.length === 0 && unreckoned.length === 0;
  const memory = gpu && isReckoned ? memoryReport(input, figures, gpu) : { problems: [], notes: gpu ? unreckoned : [] };
  const unknown = input.gpuModel ? [] : [`Whether ${input.modelId} fits the GPU is unknown: gpuModel is not set.`];
  return {
    problems: [...problems, ...shape, ...claim.problems, ...memory.problems],
    notes: [...unknown, ...(gpu ? hardwareNotes(input, figures, gpu) : []), ...claim.notes, ...memory.notes],
  };
}

/** Why the memory cannot be reckoned with, in a sentence. */
function notReckoned({ modelId, kvCacheDtype, lora }: FitInput, figures: ModelFigures): string[] {
  const unknown = (why: string): string => `Whether ${modelId} fits the GPU is unknown: ${why}.`;
  if (!isKnownCache(kvCacheDtype)) return [unknown(`what a token takes in a cache of ${kvCacheDtype} is not known`)];
  return lora && figures.experts ? [unknown("what adapters take beside experts is not known")] : [];
}

function unlisted(modelId: string): string {
  return `Whether ${modelId} fits is unknown: it is not in the list of presets, so its context, parser and memory are not checked.`;
}

function gpuProblems(input: FitInput, gpu: GpuModel | undefined): Problem[] {
  if (!input.gpuModel || gpu) return [];
  const rule = `be one of ${gpus.map(({ name }) => name).join(", ")}`;
  return [
    problem("gpuModel", input.gpuModel, rule, "set one of them, or leave it empty: then the memory is not checked"),
  ];
}

function aliasProblems(input: FitInput, figures: ModelFigures | undefined): Problem[] {
  const alias = input.servedModelNames.find((name) => name.toLowerCase().startsWith("claude"));
  if (alias === undefined || input.maxModelLen >= minimumContext) return [];
  const rule = `be at least ${minimumContext} while the model is served as ${alias}, because Claude Code's first request is about 24,000 tokens`;
  const short = figures !== undefined && figures.maxContext < minimumContext;
  const remedy = short
    ? `drop the alias, because ${input.modelId} has no longer context than ${figures.maxContext}`
    : `set maxModelLen to ${minimumContext}, or drop the alias`;
  return [problem("maxModelLen", input.maxModelLen, rule, remedy)];
}

function parserProblems(input: FitInput, preset: ModelPreset): Problem[] {
  if (!input.enableAutoToolChoice) return [];
  const parsers = preset.family.toolCallParsers;
  const [best] = parsers;
  if (best === undefined) {
    const rule = `be false for ${preset.id}, because vLLM documents no tool-call parser for ${preset.family.name}`;
    return [problem("enableAutoToolChoice", true, rule, "set enableAutoToolChoice to false")];
  }
  const parser = input.toolCallParser ?? "";
  if (parsers.includes(parser)) return [];
  const rule = `be ${parsers.join(" or ")} for ${preset.id}, or its tool calls arrive as text`;
  return [problem("toolCallParser", parser, rule, `set toolCallParser to ${best}`)];
}

function contextProblems(input: FitInput, figures: ModelFigures): Problem[] {
  if (input.maxModelLen <= figures.maxContext) return [];
  const rule = `be at most ${figures.maxContext}, the longest context that the config.json of ${input.modelId} allows`;
  const remedy = `set maxModelLen to ${figures.maxContext} (a copy of the model with rope_scaling in its config.json has more: give its maxContext in modelFigures)`;
  return [problem("maxModelLen", input.maxModelLen, rule, remedy)];
}

function claimReport(input: FitInput, figures: ModelFigures): FitReport {
  const one = figures.weightBytes * diskOverWeights;
  const both = `${Math.ceil((2 * one) / GiB)}Gi`;
  const size = gib(input.pvcSizeBytes);
  if (input.pvcSizeBytes < one) {
    const rule = `hold the ${gib(figures.weightBytes)} of weights of ${input.modelId} and its small files`;
    const remedy = `set pvcSize to ${both}, which holds two revisions while one replaces the other`;
    return { problems: [problem("pvcSize", size, rule, remedy)], notes: [] };
  }
  const notes = [
    `pvcSize (${size}) holds one revision of ${input.modelId}: a change of modelRevision needs ${both}, because both are there for a while.`,
  ];
  return { problems: [], notes: input.pvcSizeBytes < 2 * one ? notes : [] };
}

function memoryReport(input: FitInput, figures: ModelFigures, gpu: GpuModel): FitReport {
  const fit = computeFit(figures, gpu, input);
  const sum = arithmetic(input, gpu, fit);
  const most = computeFit(figures, { ...gpu, memoryGiB: gpu.mostGiB ?? gpu.memoryGiB }, input);
  if (most.verdict === "exceeds") {
    const remedies = ways(input, figures, gpu);
    const remedy = remedies.length > 0 ? `set ${remedies.join(", or ")}` : "choose a smaller model";
    return { problems: [problem("maxModelLen", input.maxModelLen, `fit ${gpu.name}: ${sum}`, remedy)], notes: [] };
  }
  if (fit.verdict !== "fits") {
    const certain = ways(input, figures, gpu).join(", or ");
    const remedy = certain ? `; certain to fit: ${certain}` : "";
    return { problems: [], notes: [`${input.modelId} may or may not start on ${gpu.name}: ${sum}${remedy}.`] };
  }
  const concurrency = `at least ${fit.concurrency.toFixed(1)} sequences of ${input.maxModelLen} tokens at once (maxNumSeqs ${input.maxNumSeqs}); what is more waits`;
  return { problems: [], notes: [`${input.modelId} fits ${gpu.name}: ${concurrency}.`] };
}

function gib(bytes: number): string {
  return Number.isFinite(bytes) ? `${(bytes / GiB).toFixed(1)} GiB` : "unlimited";
}

function gibRange(range: Range): string {
  const [least, most] = [range.least, range.most].map((bytes) => (bytes / GiB).toFixed(1));
  return least === most ? `${most} GiB` : `${least} to ${most} GiB`;
}

/** The sum in words: what the memory of each GPU is needed for. */
export function arithmetic(serving: Pick<Serving, "gpuMemoryUtilization" | "lora">, gpu: GpuModel, fit: Fit): string {
  return (
    `${gibRange(fit.weights)} of weights + ${gibRange(fit.overhead)} of activations${serving.lora ? ", adapters" : ""} and CUDA + ` +
    `${gib(fit.kvPerSequence)} of KV cache for one sequence, in ${gib(fit.usable)} ` +
    `(${gpu.memoryGiB} GiB of each ${gpu.name} × ${serving.gpuMemoryUtilization})`
  );
}

/**
 * The nearest ways that certainly fit, at most three: a shorter context, the model stored smaller, more GPUs, and where one of
 * them does not help, a larger share of the GPU, a larger GPU.
 */
export function ways(input: FitInput, figures: ModelFigures, gpu: GpuModel): string[] {
  const found: string[] = [];
  const context = Math.floor(computeFit(figures, gpu, input).longestContext / 1024) * 1024;
  if (context >= 2048 && context < input.maxModelLen) found.push(`maxModelLen to ${context}`);
  const preset = findModel(input.modelId);
  const sibling = preset && siblings(preset).find((other) => certain({ ...input, modelId: other.id }, other, gpu));
  if (sibling) found.push(`modelId to ${sibling.id}`);
  const size = parallelSizes(figures).find(
    (more) => more > input.tensorParallelSize && certain({ ...input, tensorParallelSize: more }, figures, gpu),
  );
  if (size !== undefined) found.push(`tensorParallelSize to ${size}`);
  const share = 0.95;
  if (input.gpuMemoryUtilization < share && certain({ ...input, gpuMemoryUtilization: share }, figures, gpu)) {
    found.push(`gpuMemoryUtilization to ${share}`);
  }
  const isSlice = input.gpuResource?.includes("/mig-") === true;
  const larger = (isSlice ? [] : gpus)
    .filter((other) => other.memoryGiB > gpu.memoryGiB)
    .toSorted((a, b) => a.memoryGiB - b.memoryGiB)
    .find((other) => certain(input, figures, other));
  if (larger) found.push(`gpuModel to ${larger.name}, on nodes that have it`);
  return found.slice(0, 3);
}

function certain(input: FitInput, figures: ModelFigures, gpu: GpuModel): boolean {
  return (
    input.maxModelLen <= figures.maxContext &&
    parallelProblems(input, figures).length === 0 &&
    hardwareProblems(input, figures, gpu).length === 0 &&
    computeFit(figures, gpu, input).verdict === "fits"
  );
}
