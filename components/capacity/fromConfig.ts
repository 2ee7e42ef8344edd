import type { Attention, Heads, ModelFigures } from "./types";

type Json = Readonly<Record<string, unknown>>;

/** Figures that a model's own config.json says, and what in it is not modelled here: then nothing of it may be reckoned with. */
export interface ReadConfig {
  readonly figures: Partial<ModelFigures>;
  readonly unknown: readonly string[];
}

/** Parts of config.json that change the sum and that memory.ts does not have. */
const notModelled = [
  "global_head_dim",
  "num_kv_shared_layers",
  "hybrid_override_pattern",
  "layers_block_type",
  "ssm_cfg",
  "mamba_d_state",
  "linear_attn_config",
  "block_configs",
] as const;

/**
 * What decides the memory, of a config.json as the Hub has it. Of a model with pictures or sound that is its `text_config`. Names:
 * https://huggingface.co/docs/transformers/main_classes/configuration
 */
export function figuresOfConfig(config: Json): ReadConfig {
  const text = isMap(config["text_config"]) ? config["text_config"] : config;
  const number = (...names: readonly string[]): number | undefined =>
    names.map((name) => text[name]).find((value) => typeof value === "number" && value > 0) as number | undefined;
  const hiddenSize = number("hidden_size");
  const attentionHeads = number("num_attention_heads");
  const perToken = number("num_experts_per_tok", "top_k_experts");
  const inExpert = number("moe_intermediate_size", "intermediate_size");
  const { quantization, group, unknown } = quantizationOf(config, text);
  const attention = attentionOf(text);
  const found: Partial<Record<keyof ModelFigures, unknown>> = {
    layers: number("num_hidden_layers"),
    hiddenSize,
    attentionHeads,
    kvHeads: number("num_key_value_heads") ?? attentionHeads,
    headSize: number("head_dim") ?? (hiddenSize && attentionHeads && hiddenSize / attentionHeads),
    intermediateSize: number("intermediate_size", "moe_intermediate_size"),
    vocabSize: number("vocab_size"),
    maxContext: contextOf(text),
    quantization,
    quantizationGroup: group,
    dtype: [text["dtype"], text["torch_dtype"], config["torch_dtype"]].includes("float16") ? "float16" : "bfloat16",
    attention: attention ?? { kind: "full" },
    experts: perToken && inExpert && { perToken, intermediateSize: inExpert },
  };
  const counted = attention?.kind === "sliding" && attention.full ? "global_head_dim" : undefined;
  const strange = notModelled.filter(
    (name) => name !== counted && text[name] !== undefined && text[name] !== null && text[name] !== 0,
  );
  return {
    figures: Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)),
    unknown: [...unknown, ...strange, ...(attention === undefined ? ["layer_types"] : [])],
  };
}

/** vLLM stretches only what YaRN names; the other kinds have the longer context in max_position_embeddings already. */
function contextOf(text: Json): number | undefined {
  const longest = text["max_position_embeddings"];
  const scaling = [text["rope_scaling"], text["rope_parameters"]].find(isMap);
  const { factor, original_max_position_embeddings: original } = scaling ?? {};
  const kind = scaling?.["rope_type"] ?? scaling?.["type"];
  if (kind === "yarn" && typeof factor === "number" && typeof original === "number") return factor * original;
  return typeof longest === "number" ? longest : undefined;
}

function attentionOf(text: Json): Attention | undefined {
  const { kv_lora_rank: rank, qk_rope_head_dim: ropeSize, index_head_dim: index, sliding_window: window } = text;
  if (typeof rank === "number" && typeof ropeSize === "number") {
    // 8-bit numbers, and a 32-bit scale for each 128 of them.
    const indexBytes = typeof index === "number" ? index + (index / 128) * 4 : undefined;
    return { kind: "latent", rank, ropeSize, ...(indexBytes !== undefined && { indexBytes }) };
  }
  const types = Array.isArray(text["layer_types"]) ? (text["layer_types"] as unknown[]) : [];
  const count = (type: string): number => types.filter((each) => each === type).length;
  const everything = count("full_attention");
  const rest = types.length - everything;
  if (rest === 0) return { kind: "full" };
  if (count("linear_attention") === rest) {
    const sizes = ["linear_num_key_heads", "linear_key_head_dim", "linear_num_value_heads", "linear_value_head_dim"];
    const [keys, keySize, values, valueSize] = sizes.map((name) => Number(text[name]));
    const kernel = Number(text["linear_conv_kernel_dim"] ?? 4);
    const bytes = text["mamba_ssm_dtype"] === "bfloat16" ? 2 : 4;
    const state =
      values! * keySize! * valueSize! * bytes + (2 * keys! * keySize! + values! * valueSize!) * (kernel - 1) * 2;
    return Number.isInteger(state) ? { kind: "hybrid", layers: everything, stateBytes: state } : undefined;
  }
  if (count("sliding_attention") !== rest || typeof window !== "number") return undefined;
  const full = fullHeads(text);
  return { kind: "sliding", window, layers: rest, ...(full && { full }) };
}

/** The heads of full layers, where they differ from those with a window: Gemma4Attention in vLLM 0.24.0 and 0.32.0. */
function fullHeads(text: Json): Heads | undefined {
  const { global_head_dim: headSize, num_key_value_heads: all, num_global_key_value_heads: own } = text;
  const kvHeads = text["attention_k_eq_v"] === true ? (own ?? all) : all;
  return typeof headSize === "number" && typeof kvHeads === "number" ? { kvHeads, headSize } : undefined;
}

function quantizationOf(
  config: Json,
  text: Json,
): { quantization?: ModelFigures["quantization"]; group?: number; unknown: string[] } {
  const found = [config["quantization_config"], text["quantization_config"]].find(isMap);
  if (!found) return { quantization: "none", unknown: [] };
  const { quant_method: method, group_size: groupSize, weight_block_size: block, bits } = found;
  if (method === "awq" && (bits === undefined || bits === 4))
    return { quantization: "awq", ...(typeof groupSize === "number" && { group: groupSize }), unknown: [] };
  if (method === "fp8") {
    const [size] = Array.isArray(block) ? (block as unknown[]) : [];
    return { quantization: "fp8", ...(typeof size === "number" && { group: size }), unknown: [] };
  }
  if (method === "mxfp4") return { quantization: "mxfp4", unknown: [] };
  return { unknown: [`quantization_config.quant_method ${String(method)}`] };
}

/**
 * Bytes of the safetensors files in a listing: lines with a size and a name (`ls -l`, `du -b`), or the Hub's own JSON
 * (`/api/models/<id>/tree/main`). Undefined where there is none.
 */
export function weightBytesOf(listing: string): number | undefined {
  const sizes = listing.trimStart().startsWith("[") ? jsonSizes(listing) : lineSizes(listing);
  const sum = sizes.reduce((total, size) => total + size, 0);
  return sum > 0 ? sum : undefined;
}

const isWeights = (name: string): boolean =>
  /(?:^|\/)(?!consolidated)[^/]*\.safetensors$/.test(name) && !/^original\//.test(name);

function jsonSizes(listing: string): number[] {
  const files = (JSON.parse(listing) as unknown[]).filter(isMap);
  return files.flatMap(({ path, size }) =>
    typeof path === "string" && typeof size === "number" && isWeights(path) ? [size] : [],
  );
}

function lineSizes(listing: string): number[] {
  return listing.split("\n").flatMap((line) => {
    const words = line.trim().split(/\s+/);
    if (!isWeights(words.at(-1) ?? "")) return [];
    // The links' count of `ls -l` is a number, too, and smaller.
    const numbers = words.slice(0, -1).filter((word) => /^\d+$/.test(word));
    return [Math.max(0, ...numbers.map(Number))];
  });
}

export function isMap(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
