/** What rows of many families have in common. */
import type { ModelFigures } from "../types";
import { duplicates, safetensorsOnly } from "./files";

/** The Hub's layout, and no other beside it. */
export const files = { allowPatterns: safetensorsOnly, ignorePatterns: duplicates };
/** The weights as they were trained. */
export const half = { quantization: "none", dtype: "bfloat16" } as const;
/** Every layer keeps all of the KV cache. */
export const full = { attention: { kind: "full" } } as const;

/** What models with the same base share, however their weights are stored. */
export type Shape = Omit<ModelFigures, "weightBytes" | "quantization" | "dtype">;
