import type { ModelPreset } from "./types";
import { unlistedIgnorePatterns } from "./data/files";
import { modelPresets } from "./data/modelPresets";

/** Every preset, in the order of the documentation. */
export const models: readonly ModelPreset[] = modelPresets;

/** The preset of `id`; ids are compared as the Hub does, regardless of case. */
export function findModel(id: string): ModelPreset | undefined {
  return models.find((model) => model.id.toLowerCase() === id.toLowerCase());
}

/** The other models with the same base: the same weights, stored otherwise. */
export function siblings(model: ModelPreset): ModelPreset[] {
  return models.filter((other) => other.base === model.base && other.id !== model.id);
}

/** The patterns for `huggingface_hub`: an empty `allow` means all files. */
export function filePatterns(modelId: string): { allow: readonly string[]; ignore: readonly string[] } {
  const preset = findModel(modelId);
  return preset
    ? { allow: preset.allowPatterns, ignore: preset.ignorePatterns }
    : { allow: [], ignore: unlistedIgnorePatterns };
}
