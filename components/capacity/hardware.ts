import { problem, type Problem } from "../text/errors";
import { supports } from "./gpus";
import type { GpuModel } from "./types";
import type { ModelFigures } from "./types";

interface Wanted {
  readonly modelId: string;
  readonly dtype: string;
}

const is32Bit = (dtype: string): boolean => dtype === "float" || dtype === "float32";

/** What a GPU cannot compute in, by its compute capability. */
export function hardwareProblems(input: Wanted, figures: ModelFigures, gpu: GpuModel): Problem[] {
  const capability = `${gpu.name} has compute capability ${gpu.computeCapability.toFixed(1)}`;
  const { quantization } = figures;
  if (input.dtype === "bfloat16" && !supports.bfloat16(gpu)) {
    const rule = `be another type: bfloat16 needs compute capability 8.0, and ${capability}`;
    return [problem("dtype", input.dtype, rule, "set dtype to half")];
  }
  if (quantization !== "none" && is32Bit(input.dtype)) {
    const rule = `be a 16-bit type for ${input.modelId}, whose ${quantization} kernels compute in 16 bits`;
    return [problem("dtype", input.dtype, rule, "set dtype to auto")];
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
