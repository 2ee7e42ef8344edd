import { problem, type Problem } from "../text/errors";
import { supports } from "./gpus";
import type { GpuModel } from "./types";
import type { ModelFigures, Quantization } from "./types";

interface Wanted {
  readonly modelId: string;
  readonly dtype: string;
}

/**
 * The types of activations that a quantisation takes: `get_supported_act_dtypes` in vllm/model_executor/layers/quantization, the same in 0.13.0,
 * 0.18.0, 0.24.0 and 0.32.0 (of AWQ on the Marlin kernels; on older GPUs float16 alone, which have no bfloat16 either).
 */
const activationTypes: Readonly<Record<Quantization, readonly string[]>> = {
  none: ["half", "float16", "bfloat16", "float", "float32"],
  awq: ["half", "float16", "bfloat16"],
  fp8: ["bfloat16", "half", "float16"],
  mxfp4: ["bfloat16"],
};

/** A type that the model's quantisation does not take: the server would end before it has loaded anything. */
export function dtypeProblems({ modelId, dtype }: Wanted, { quantization }: ModelFigures): Problem[] {
  const types = activationTypes[quantization];
  if (dtype === "auto" || types.includes(dtype)) return [];
  const rule = `be auto, ${types.join(", ")}`.replace(/, ([^,]+)$/, " or $1");
  return [problem("dtype", dtype, `${rule} for ${modelId}, whose weights are in ${quantization}`, "set dtype to auto")];
}

/** What a GPU cannot compute in, by its compute capability. */
export function hardwareProblems(input: Wanted, figures: ModelFigures, gpu: GpuModel): Problem[] {
  const capability = `${gpu.name} has compute capability ${gpu.computeCapability.toFixed(1)}`;
  const { quantization } = figures;
  if (input.dtype === "bfloat16" && !supports.bfloat16(gpu)) {
    const rule = `be another type: bfloat16 needs compute capability 8.0, and ${capability}`;
    return [problem("dtype", input.dtype, rule, "set dtype to half")];
  }
  if ((quantization === "fp8" || quantization === "mxfp4") && !supports.marlin(gpu)) {
    const rule = `be another model: ${quantization} needs compute capability 8.0, and ${capability}`;
    return [problem("modelId", input.modelId, rule, "set a model in AWQ or 16 bits, or another gpuModel")];
  }
  return [];
}

/** What works, but not as one may expect. */
export function hardwareNotes(input: Wanted, figures: ModelFigures, gpu: GpuModel): string[] {
  const capability = `compute capability ${gpu.computeCapability.toFixed(1)}`;
  const notes: string[] = [];
  if (input.dtype === "auto" && figures.dtype === "bfloat16" && !supports.bfloat16(gpu)) {
    notes.push(
      `${gpu.name} (${capability}) has no bfloat16: ${input.modelId} is computed in float16, its range being smaller.`,
    );
  }
  if (figures.quantization === "awq" && !supports.marlin(gpu)) {
    notes.push(`${gpu.name} (${capability}) has no Marlin kernels: AWQ runs there, but slowly.`);
  }
  if (figures.quantization === "fp8" && supports.marlin(gpu) && !supports.fp8Arithmetic(gpu)) {
    notes.push(`${gpu.name} (${capability}) stores FP8 weights but computes in 16 bits: memory is saved, time is not.`);
  }
  return notes;
}
