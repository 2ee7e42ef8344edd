import { z } from "zod";
import { problem, type Problem } from "../text/errors";
import { findModel } from "./models";
import type { ModelFigures } from "./types";

const count = z.number().int().positive();

/** Figures that a user gives, of a model outside the list or in place of a preset's. */
const givenFigures = z
  .strictObject({
    layers: count,
    hiddenSize: count,
    attentionHeads: count,
    kvHeads: count,
    headSize: count,
    intermediateSize: count,
    vocabSize: count,
    maxContext: count,
    weightBytes: count,
    loadedBytes: count,
    quantization: z.enum(["none", "awq", "fp8", "mxfp4"]),
    quantizationGroup: count,
    dtype: z.enum(["bfloat16", "float16"]),
    attention: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("full") }),
      z.strictObject({
        kind: z.literal("sliding"),
        window: count,
        layers: count,
        full: z.strictObject({ kvHeads: count, headSize: count }).optional(),
      }),
      z.strictObject({ kind: z.literal("hybrid"), layers: count, stateBytes: count }),
      z.strictObject({ kind: z.literal("latent"), rank: count, ropeSize: count, indexBytes: count.optional() }),
    ]),
    experts: z.strictObject({ perToken: count, intermediateSize: count }),
  })
  .partial();

/** Figures without which nothing can be computed; the others have defaults: 16-bit weights, full attention, no experts. */
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

/** The first ones: whoever gave a whole other file need not read all of it. */
function few(names: readonly string[]): string {
  const more = names.length - 3;
  return names.slice(0, 3).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** The figures to compute with: undefined where the model is not listed and nothing was given, or what was given is wrong. */
export function resolveFigures(
  modelId: string,
  given: Partial<ModelFigures> | undefined,
): { figures?: ModelFigures; problems: Problem[] } {
  const preset = findModel(modelId);
  if (given === undefined) return preset ? { figures: preset, problems: [] } : { problems: [] };
  const parsed = givenFigures.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const where = ["modelFigures", ...issue.path.map(String)].join(".");
      if (issue.code === "unrecognized_keys") {
        return problem(where, undefined, "hold nothing but figures of the model", `remove ${few(issue.keys)}`);
      }
      const value: unknown = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], given);
      const rule = `be a figure of the model (${issue.message})`;
      return problem(
        where,
        typeof value === "object" ? undefined : value,
        rule,
        "set it as the model's config.json has it",
      );
    });
    return { problems };
  }
  const all: Partial<ModelFigures> = {
    quantization: "none",
    dtype: "bfloat16",
    attention: { kind: "full" },
    ...preset,
    ...given,
  };
  const missing = required.filter((name) => all[name] === undefined);
  if (missing.length === 0) return { figures: all as ModelFigures, problems: [] };
  const rule = `hold every figure of ${modelId}, which is not in the list of presets`;
  return { problems: [problem("modelFigures", undefined, rule, `set ${missing.join(", ")} too`)] };
}
