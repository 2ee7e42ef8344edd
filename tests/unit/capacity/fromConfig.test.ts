/** Figures out of a model's own config.json, and its weights out of a listing. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { figuresOfConfig, weightBytesOf } from "../../../components/capacity/fromConfig";
import { findModel } from "../../../components/capacity/models";
import { run } from "../../../ops/commands/fit";

/** As the Hub has them, in the parts that are read. */
const qwen25 = {
  hidden_size: 3584,
  intermediate_size: 18_944,
  max_position_embeddings: 32_768,
  num_attention_heads: 28,
  num_hidden_layers: 28,
  num_key_value_heads: 4,
  torch_dtype: "float16",
  vocab_size: 152_064,
  sliding_window: 131_072,
  quantization_config: { quant_method: "awq", bits: 4, group_size: 128 },
};
const types = (full: number, other: number, kind: string): string[] => [
  ...Array<string>(full).fill("full_attention"),
  ...Array<string>(other).fill(kind),
];
const qwen35 = {
  text_config: {
    dtype: "bfloat16",
    head_dim: 256,
    hidden_size: 2048,
    layer_types: types(10, 30, "linear_attention"),
    linear_conv_kernel_dim: 4,
    linear_key_head_dim: 128,
    linear_num_key_heads: 16,
    linear_num_value_heads: 32,
    linear_value_head_dim: 128,
    mamba_ssm_dtype: "float32",
    max_position_embeddings: 262_144,
    moe_intermediate_size: 512,
    num_attention_heads: 16,
    num_experts_per_tok: 8,
    num_hidden_layers: 40,
    num_key_value_heads: 2,
    vocab_size: 248_320,
    rope_parameters: { rope_type: "default" },
  },
  vision_config: { hidden_size: 1152 },
};
const deepseek = {
  hidden_size: 7168,
  index_head_dim: 128,
  intermediate_size: 18_432,
  kv_lora_rank: 512,
  max_position_embeddings: 163_840,
  moe_intermediate_size: 2048,
  num_attention_heads: 128,
  num_experts_per_tok: 8,
  num_hidden_layers: 61,
  num_key_value_heads: 128,
  qk_rope_head_dim: 64,
  quantization_config: { quant_method: "fp8", weight_block_size: [128, 128] },
  rope_scaling: { type: "yarn", factor: 40, original_max_position_embeddings: 4096 },
  vocab_size: 129_280,
};

const gemma4 = {
  text_config: {
    attention_k_eq_v: true,
    dtype: "bfloat16",
    global_head_dim: 512,
    head_dim: 256,
    hidden_size: 5376,
    intermediate_size: 21_504,
    layer_types: types(10, 50, "sliding_attention"),
    max_position_embeddings: 262_144,
    num_attention_heads: 32,
    num_global_key_value_heads: 4,
    num_hidden_layers: 60,
    num_key_value_heads: 16,
    num_kv_shared_layers: 0,
    sliding_window: 1024,
    vocab_size: 262_144,
  },
};

describe("a config.json", () => {
  for (const [id, config, different] of [
    ["Qwen/Qwen2.5-7B-Instruct-AWQ", qwen25, []],
    // Every token has the shared expert, too.
    ["Qwen/Qwen3.5-35B-A3B", qwen35, ["experts"]],
    ["google/gemma-4-31B-it", gemma4, []],
    // What a head has of queries; the cache is the latent vector.
    ["deepseek-ai/DeepSeek-V3.2", deepseek, ["headSize"]],
  ] as const) {
    it(`of ${id} says what the list has of it`, () => {
      const preset = findModel(id) as unknown as Record<string, unknown>;
      const { figures, unknown } = figuresOfConfig(config);
      assert.deepEqual(unknown, []);
      for (const [name, value] of Object.entries(figures)) {
        if (!(different as readonly string[]).includes(name)) assert.deepEqual(value, preset[name], name);
      }
    });
  }

  it("is refused where it has what the sum does not", () => {
    assert.deepEqual(figuresOfConfig({ ...qwen25, global_head_dim: 512 }).unknown, ["global_head_dim"]);
    const shared = { text_config: { ...gemma4.text_config, num_kv_shared_layers: 20 } };
    assert.deepEqual(figuresOfConfig(shared).unknown, ["num_kv_shared_layers"]);
    assert.deepEqual(figuresOfConfig({ ...qwen25, layer_types: types(4, 36, "mamba") }).unknown, ["layer_types"]);
    const gptq = { ...qwen25, quantization_config: { quant_method: "gptq" } };
    assert.deepEqual(figuresOfConfig(gptq).unknown, ["quantization_config.quant_method gptq"]);
  });
});

describe("a listing", () => {
  it("is one of ls, or the Hub's", () => {
    const lines =
      "total 9\n-rw-r--r-- 1 me me 3995000000 Nov 30 12:00 model-00001-of-00002.safetensors\n" +
      "-rw-r--r-- 1 me me 1576000000 Nov 30 12:00 model-00002-of-00002.safetensors\n" +
      "-rw-r--r-- 1 me me 9999999999 Nov 30 12:00 consolidated.safetensors\n-rw-r--r-- 1 me me 666 Nov 30 12:00 config.json\n";
    assert.equal(weightBytesOf(lines), 5_571_000_000);
    const tree = [
      { type: "file", size: 7, path: "model.safetensors" },
      { type: "file", size: 9, path: "config.json" },
    ];
    assert.equal(weightBytesOf(JSON.stringify(tree)), 7);
    assert.equal(weightBytesOf("nothing here"), undefined);
  });
});

describe("npm run fit with a model's own files", () => {
  let folder: string;
  const write = (name: string, text: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const fit = (...args: string[]): { text: string; exitCode: number } => {
    let text = "";
    const exitCode = run(["my/model", "L4", ...args], (part) => (text += part));
    return { text, exitCode };
  };
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "fit-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("reckons a model outside the list", () => {
    const config = write("config.json", JSON.stringify(qwen25));
    const files = write("files.txt", "-rw-r--r-- 1 me me 5570000000 Nov 30 12:00 model.safetensors\n");
    const { text, exitCode } = fit("--config", config, "--files", files);
    assert.equal(exitCode, 0, text);
    assert.match(text, /one sequence of 32768 tokens {2}1\.8 GiB \(56\.0 KiB a token\)/);
  });

  it("says what is missing, and what it does not reckon with", () => {
    const alone = fit("--config", write("config.json", JSON.stringify(qwen25)));
    assert.equal(alone.exitCode, 2);
    assert.match(alone.text, /set weightBytes too/);
    const strange = fit("--config", write("config.json", JSON.stringify({ ...qwen25, global_head_dim: 512 })));
    assert.equal(strange.exitCode, 2);
    assert.match(strange.text, /not reckoned with here: global_head_dim\. Give the figures with --figures\./);
    assert.equal(fit("--config", write("config.json", "{")).exitCode, 2);
    for (const none of ["null", "[]", '"config"'])
      assert.match(fit("--config", write("config.json", none)).text, /It must hold a map, as the config\.json/);
    const listing = fit("--files", write("files.json", "[null, 7]"));
    assert.match(listing.text, /It must name \*\.safetensors files with their sizes in bytes/);
    assert.equal(fit("--files", write("files.txt", "README.md 7\n")).exitCode, 2);
  });
});
