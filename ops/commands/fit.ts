/**
 * `npm run fit -- <model> <gpu>`: the check that `pulumi preview` makes, for planning: no Pulumi and no cluster. Exit code 0
 * if the model fits or may fit, 1 if not, 2 if there is nothing to compute.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { computeFit, GiB, type Fit, type Range } from "../../components/capacity/memory";
import { defaults } from "../../components/args/defaults";
import { resolveFigures } from "../../components/capacity/modelFigures";
import { fitProblems, type FitInput } from "../../components/capacity/fitProblems";
import { findGpu, gpus } from "../../components/capacity/gpus";
import type { GpuModel } from "../../components/capacity/types";
import { findModel, models } from "../../components/capacity/models";
import type { ModelFigures, ModelPreset } from "../../components/capacity/types";
import { closestTo } from "../../components/text/closest";
import { version } from "../../package.json";
import { fitted } from "../../shared/terminal";
import { configIn, figuresIn, type OwnFiles, ownFigures, weightsIn } from "./fitFiles";
import { parallelSizes } from "../../components/capacity/parallelism";

interface Options {
  /** As `modelFigures` of the stack's configuration. */
  figures?: Partial<ModelFigures>;
  context?: number;
  sequences: number;
  tensorParallel: number;
  utilization: number;
  cudaGraphs?: boolean;
  json?: boolean;
}

/** What is printed, for a person or as JSON, and the exit code. */
export interface FitAnswer {
  readonly text: string;
  readonly json: object;
  readonly exitCode: 0 | 1 | 2;
}

/** A model of the list, or one whose figures the user gives. */
type Model = ModelFigures & Pick<ModelPreset, "id"> & Partial<Pick<ModelPreset, "family" | "limits">>;

/** The answer to a question about a model and a GPU by name. */
export function answer(modelName: string, gpuName: string, options: Options): FitAnswer {
  const preset = findModel(modelName);
  const { figures, problems: mistakes } = resolveFigures(modelName, options.figures);
  if (mistakes.length > 0) return mistaken(mistakes.map(({ reason }) => reason).join("\n"));
  if (!figures) {
    const ids = models.map(({ id }) => id);
    return mistaken(
      `No model '${modelName}' in the list.${didYouMean(modelName, ids)} Give its config.json with --config and its files with --files, or its figures with --figures (docs/models.md has both), or take one of\n${lines(ids)}`,
    );
  }
  const gpu = findGpu(gpuName);
  if (!gpu) {
    const names = gpus.map(({ name }) => name);
    return mistaken(`No GPU '${gpuName}' in the list. There are:\n${lines(names)}`);
  }
  const model: Model = { id: modelName, ...preset, ...figures };
  const input = inputOf(model, gpu, options);
  const { problems, notes } = fitProblems(input);
  const fits = problems.length === 0;
  const reasons = problems.map(({ reason }) => reason);
  const sizes = parallelSizes(model);
  const fit = sizes.includes(input.tensorParallelSize) ? computeFit(model, gpu, input) : undefined;
  const rooms = fits ? sequencesOf(model, gpu, input) : [];
  const text = [
    heading(model, gpu, input),
    "",
    ...(fit === undefined ? [] : [...sumLines(input, fit), ""]),
    ...(fits ? notes : ["does not fit:", ...reasons.map((reason) => `  ${reason}`)]),
    ...(fits ? contextLines(rooms) : []),
    "",
    ...modelLines(model, sizes),
  ];
  const json = {
    model: model.id,
    gpu: gpu.name,
    settings: pick(input, "tensorParallelSize", "maxModelLen", "maxNumSeqs", "gpuMemoryUtilization", "enforceEager"),
    fits,
    problems: reasons,
    notes,
    ...(fit !== undefined && {
      verdict: fit.verdict,
      longestContext: fit.longestContext,
      bytesOfEachGpu: pick(fit, "usable", "weights", "overhead", "kvAvailable", "kvPerSequence", "kvPerToken"),
    }),
    sequences: rooms,
    weightBytes: model.weightBytes,
    toolCallParsers: model.family?.toolCallParsers ?? [],
    tensorParallelSizes: sizes,
  };
  return { text: text.join("\n"), json, exitCode: fits ? 0 : 1 };
}

const mistaken = (text: string): FitAnswer => ({ text, json: { error: text }, exitCode: 2 });

/** Another number is another model, not a slip. */
function didYouMean(wrong: string, ids: readonly string[]): string {
  const numbers = (id: string): string => id.replaceAll(/[^\d.]+/g, " ");
  const sameNumbers = ids.filter((id) => numbers(id) === numbers(wrong));
  const close = closestTo(wrong, sameNumbers);
  return close === undefined ? "" : ` Did you mean '${close}'?`;
}

const lines = (all: readonly string[]): string => all.map((name) => `  ${name}`).join("\n");

function pick<T, K extends keyof T>(from: T, ...keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}

function inputOf(model: Model, gpu: GpuModel, options: Options): FitInput {
  const [parser] = model.family?.toolCallParsers ?? [];
  return {
    modelId: model.id,
    gpuModel: gpu.name,
    tensorParallelSize: options.tensorParallel,
    pipelineParallelSize: 1,
    maxModelLen: options.context ?? Math.min(defaults.maxModelLen, model.maxContext),
    maxNumSeqs: options.sequences,
    gpuMemoryUtilization: options.utilization,
    dtype: defaults.dtype,
    enforceEager: !options.cudaGraphs,
    pvcSizeBytes: Infinity,
    enableAutoToolChoice: parser !== undefined,
    ...(parser !== undefined && { toolCallParser: parser }),
    servedModelNames: [model.id],
    ...(options.figures !== undefined && { figures: options.figures }),
  };
}

function heading(model: Model, gpu: GpuModel, input: FitInput): string {
  const capability = `compute capability ${gpu.computeCapability.toFixed(1)}`;
  return `${model.id} on ${input.tensorParallelSize} × ${gpu.name} (${gpu.memoryGiB} GiB, ${capability})`;
}

function sumLines(input: FitInput, fit: Fit): string[] {
  const rows: [string, string][] = [
    [`usable of each GPU (× ${input.gpuMemoryUtilization})`, gib(fit.usable)],
    ["− weights", range(fit.weights)],
    ["− activations and CUDA", range(fit.overhead)],
    ["= left for the KV cache", range(fit.kvAvailable)],
    [
      `one sequence of ${input.maxModelLen} tokens`,
      `${gib(fit.kvPerSequence)} (${(fit.kvPerToken / 1024).toFixed(1)} KiB a token)`,
    ],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`);
}

/** How many sequences of a length certainly have room at once; below 1, not even one does. */
interface Room {
  readonly tokens: number;
  readonly atOnce: number;
}

function sequencesOf(model: Model, gpu: GpuModel, input: FitInput): Room[] {
  const contexts = [4096, 8192, 16_384, 32_768, 65_536, 131_072].filter((context) => context <= model.maxContext);
  return contexts.map((tokens) => ({
    tokens,
    atOnce: computeFit(model, gpu, { ...input, maxModelLen: tokens }).concurrency,
  }));
}

function contextLines(rooms: readonly Room[]): string[] {
  const rows = rooms.map(
    ({ tokens, atOnce }) => `  ${String(tokens).padStart(7)}  ${atOnce < 1 ? "not certain" : atOnce.toFixed(1)}`,
  );
  return ["", "tokens of context, and sequences of that length at once (at least):", ...rows];
}

function modelLines(model: Model, sizes: readonly number[]): string[] {
  const parsers = model.family
    ? model.family.toolCallParsers.join(" or ") || "none: set enableAutoToolChoice to false"
    : "unknown: the model is not in the list";
  return [
    `files to download   ${gib(model.weightBytes)}; pvcSize of ${Math.ceil((2 * 1.05 * model.weightBytes) / GiB)}Gi holds two revisions`,
    `tool-call parser    ${parsers}`,
    ...(model.family?.chatTemplate === undefined ? [] : [`chat template       ${model.family.chatTemplate}`]),
    `tensorParallelSize  ${sizes.join(", ")}`,
    ...(model.limits ?? []).map((limit) => `known limit         ${limit}`),
  ];
}

function gib(bytes: number): string {
  return `${(bytes / GiB).toFixed(1)} GiB`;
}

function range({ least, most }: Range): string {
  const [low, high] = [(least / GiB).toFixed(1), (most / GiB).toFixed(1)];
  return low === high ? `${high} GiB` : `${low} to ${high} GiB`;
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("It must be a whole number above 0.");
  return number;
}

function share(text: string): number {
  const number = Number(text);
  if (!(number > 0 && number <= 1)) throw new InvalidArgumentError("It must be above 0 and at most 1.");
  return number;
}

/** The command line; `write` gets what is printed. */
export function run(args: readonly string[], write: (text: string) => void): number {
  const command = new Command("npm run fit --")
    .description("Whether a model fits a GPU, and how many requests at once.")
    .argument("<model>", "model of the list as owner/name, or any other with --config and --files, or --figures")
    .argument("<gpu>", `one of ${gpus.map(({ name }) => name).join(", ")}`)
    .addOption(
      new Option("--context <tokens>", "maxModelLen (default: 32768, or the model's maximum)").argParser(positive),
    )
    .addOption(new Option("--sequences <number>", "maxNumSeqs").argParser(positive).default(defaults.maxNumSeqs))
    .addOption(new Option("--tensor-parallel <gpus>", "tensorParallelSize").argParser(positive).default(1))
    .addOption(
      new Option("--utilization <share>", "gpuMemoryUtilization")
        .argParser(share)
        .default(defaults.gpuMemoryUtilization),
    )
    .option("--cuda-graphs", "enforceEager: false")
    .addOption(
      new Option("--figures <file>", "YAML file with the figures that modelFigures would have").argParser(figuresIn),
    )
    .addOption(new Option("--config <file>", "the model's own config.json, of any model").argParser(configIn))
    .addOption(
      new Option("--files <file>", "listing of its files with their sizes: ls -l, or the Hub's tree as JSON").argParser(
        weightsIn,
      ),
    )
    .option("--json", "print JSON")
    .version(version, "--version", "print the version of this project")
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write });
  try {
    command.parse(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const [model = "", gpu = ""] = command.args;
  const options = command.opts<Options & OwnFiles>();
  const { given, refused } = ownFigures(options);
  const { text, json, exitCode } =
    refused === undefined ? answer(model, gpu, { ...options, ...(given && { figures: given }) }) : mistaken(refused);
  write(`${options.json ? JSON.stringify(json, undefined, 2) : text}\n`);
  return exitCode;
}

if (require.main === module)
  process.exitCode = run(process.argv.slice(2), (text) => process.stdout.write(fitted(text, process.stdout)));
