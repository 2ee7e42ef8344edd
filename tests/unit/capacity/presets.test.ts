import assert from "node:assert/strict";
import { computeFit } from "../../../components/capacity/memory";
import { gpus } from "../../../components/capacity/gpus";
import { filePatterns, findModel, models, siblings } from "../../../components/capacity/models";
import type { ModelPreset } from "../../../components/capacity/types";
import { parallelSizes } from "../../../components/capacity/parallelism";

/** Experts in each layer: config.json's num_experts, num_local_experts or n_routed_experts. */
const experts: Record<string, number> = {
  "Qwen/Qwen3-30B-A3B": 128,
  "Qwen/Qwen3-30B-A3B-FP8": 128,
  "Qwen/Qwen3-235B-A22B-FP8": 128,
  "Qwen/Qwen3-Coder-30B-A3B-Instruct": 128,
  "Qwen/Qwen3-Coder-30B-A3B-Instruct-FP8": 128,
  "Qwen/Qwen3-Coder-480B-A35B-Instruct": 160,
  // The shared one is one more.
  "Qwen/Qwen3.5-35B-A3B": 257,
  "Qwen/Qwen3.6-35B-A3B": 257,
  "Qwen/Qwen3.5-122B-A10B": 257,
  "Qwen/Qwen3.5-397B-A17B": 513,
  "Qwen/Qwen3-Coder-Next": 513,
  "zai-org/GLM-4.5-Air": 129,
  "zai-org/GLM-4.5": 161,
  "zai-org/GLM-4.7": 161,
  // The dense part beside them is as wide as three.
  "google/gemma-4-26B-A4B-it": 131,
  "openai/gpt-oss-20b": 32,
  "openai/gpt-oss-120b": 128,
};

/** The first layers, which have no experts: config.json's first_k_dense_replace. */
const dense: Record<string, number> = { "zai-org/GLM-4.5-Air": 1, "zai-org/GLM-4.5": 3, "zai-org/GLM-4.7": 3 };

/** Input and output embeddings are one and the same. */
const tied = (model: ModelPreset): boolean => /^(Granite|Gemma)/.test(model.family.name);

/** Queries, keys, values and output of every layer. */
function attentionNumbers(model: ModelPreset): number {
  const { attention, layers, hiddenSize: hidden, headSize, attentionHeads, kvHeads } = model;
  if (attention.kind === "hybrid") return hybridNumbers(model, attention);
  const every = hidden * headSize * (2 * attentionHeads + 2 * kvHeads);
  if (attention.kind !== "sliding" || attention.full === undefined) return layers * every;
  // The files have the keys of a full layer once; they are its values, too.
  const full = hidden * attention.full.headSize * (2 * attentionHeads + attention.full.kvHeads);
  return attention.layers * every + (layers - attention.layers) * full;
}

/**
 * Full layers have a gate as large as the queries. Those of Gated DeltaNet have queries and keys of 16 × 128 columns; the rest of what their state
 * says is its value heads, of 128, for values, a gate of their size and the output.
 */
function hybridNumbers(model: ModelPreset, attention: { layers: number; stateBytes: number }): number {
  const { hiddenSize: hidden, headSize, attentionHeads, kvHeads } = model;
  const values = (attention.stateBytes - 4096 * 6) / (128 * 4 + 6);
  const full = hidden * headSize * (3 * attentionHeads + 2 * kvHeads);
  const linear = hidden * (4096 + 3 * values + values / 64);
  return attention.layers * full + (model.layers - attention.layers) * linear;
}

/** Bytes of the weights, from the shapes in config.json: a count that owes nothing to the preset's own figure. */
function countedBytes(model: ModelPreset): number {
  const { layers, hiddenSize: hidden } = model;
  const attention = attentionNumbers(model);
  const perLayer = model.experts ? experts[model.id]! * model.experts.intermediateSize : model.intermediateSize;
  const first = dense[model.id] ?? 0;
  const mlp = 3 * hidden * ((layers - first) * perLayer + first * model.intermediateSize);
  const embeddings = model.vocabSize * hidden * (tied(model) ? 1 : 2);
  switch (model.quantization) {
    case "none":
      return 2 * (attention + mlp + embeddings);
    case "awq":
      // 4 bits a number; a 16-bit scale and a 4-bit zero for each group of 128. Embeddings stay as they were.
      return ((attention + mlp) * (4 + 16 / 128 + 4 / 128)) / 8 + 2 * embeddings;
    case "fp8":
      return attention + mlp + 2 * embeddings;
    case "mxfp4":
      // 4 bits a number and an 8-bit scale for each 32; attention stays in 16 bits.
      return (mlp * 4.25) / 8 + 2 * (attention + embeddings);
  }
}

/** The model whose file is at the address, in small letters: `owner/name`, or the name alone. */
function modelAt(url: string): string | undefined {
  const hub = /^https:\/\/huggingface\.co\/([^/]+\/[^/]+)\//.exec(url)?.[1];
  const copy = /\/model_configs\/(?:([^/]+)_config\.json|([^/]+)\/config\.json)$/.exec(url);
  return (hub ?? copy?.[1]?.replace("--", "/") ?? copy?.[2])?.toLowerCase();
}

describe("the list of models", () => {
  it("names each model once", () => {
    assert.equal(new Set(models.map(({ id }) => id.toLowerCase())).size, models.length);
  });

  it("has the families that people ask for", () => {
    const families = new Set(models.map(({ family }) => family.name));
    for (const name of [
      "Qwen2.5",
      "Qwen3",
      "Qwen3-Coder",
      "Llama 3",
      "Mistral",
      "Granite 3",
      "Granite 4",
      "gpt-oss",
      "Phi-4",
      "Qwen3.5",
      "Kimi-K2",
      "Gemma 4",
      "GLM-4.5",
      "GLM-4.7 and GLM-5",
      "DeepSeek-V3.2",
    ]) {
      assert.ok(families.has(name), name);
    }
  });

  for (const model of models) {
    describe(model.id, () => {
      it("says where its figures come from, and when that was read", () => {
        const told = [...model.sources, ...model.family.sources];
        for (const kind of [/^(config\.json|shapes)/, /^size of the/, /^tool-call parser/]) {
          assert.ok(
            told.some(({ of }) => kind.test(of)),
            String(kind),
          );
        }
        for (const { url, read } of told) {
          assert.ok(url.startsWith("https://") || url === "config.json, counted", url);
          assert.match(read, /^\d{4}-\d\d-\d\d$/);
        }
      });

      it("names the model whose file was read, where that is another one", () => {
        for (const { of, url } of model.sources.filter((source) =>
          /^(config\.json|size of the files)/.test(source.of),
        )) {
          const shown = modelAt(url);
          assert.ok(shown, url);
          const means = (id = ""): boolean => id.toLowerCase() === shown || id.toLowerCase().endsWith(`/${shown}`);
          const named = / of (\S+\/\S+)$/.exec(of)?.[1];
          assert.equal(named === undefined, means(model.id), `${of}: ${url}`);
          assert.ok(named === undefined || means(named), `${of}: ${url}`);
        }
      });

      // Multi-head latent attention has other matrices than these, and DeepSeek's first layers have no experts.
      if (model.attention.kind !== "latent") {
        it("weighs what its shapes come to, within 2 %", () => {
          const error = model.weightBytes / countedBytes(model) - 1;
          assert.ok(Math.abs(error) < 0.02, `${(error * 100).toFixed(2)} %`);
        });
      }

      it("can be served by one GPU or by several in one node", () => {
        const possible = gpus.flatMap((gpu) =>
          parallelSizes(model).map((tensorParallelSize) =>
            computeFit(model, gpu, {
              tensorParallelSize,
              pipelineParallelSize: 1,
              maxModelLen: Math.min(model.maxContext, 32_768),
              maxNumSeqs: 128,
              gpuMemoryUtilization: 0.9,
              dtype: "auto",
            }),
          ),
        );
        assert.ok(possible.some(({ verdict }) => verdict === "fits"));
      });

      it("is downloaded once: its files, and no second copy of the weights", () => {
        const { allow, ignore } = filePatterns(model.id);
        for (const pattern of ["*.json", "*.safetensors"]) assert.ok(allow.includes(pattern), pattern);
        for (const pattern of ["original/*", "metal/*", "consolidated*"]) assert.ok(ignore.includes(pattern), pattern);
      });
    });
  }

  it("finds a model whatever the case of its id, and nothing else", () => {
    assert.equal(findModel("qwen/qwen2.5-7b-instruct-awq")?.id, "Qwen/Qwen2.5-7B-Instruct-AWQ");
    assert.equal(findModel("Qwen/Qwen2.5-7B"), undefined);
  });

  it("knows the quantised siblings of a model", () => {
    const model = findModel("Qwen/Qwen2.5-32B-Instruct");
    assert.ok(model);
    assert.deepEqual(
      siblings(model).map(({ id }) => id),
      ["Qwen/Qwen2.5-32B-Instruct-AWQ"],
    );
  });

  it("leaves out only what vLLM never loads of a model outside the list", () => {
    const { allow, ignore } = filePatterns("somebody/something");
    assert.deepEqual(allow, []);
    assert.ok(ignore.includes("*.gguf"));
    assert.ok(!ignore.includes("*.bin"), "there may be nothing else");
  });
});

describe("the list of GPUs", () => {
  for (const gpu of gpus) {
    it(`${gpu.name} has sources for memory and compute capability`, () => {
      for (const kind of ["memory", "compute capability"]) {
        assert.ok(
          gpu.sources.some(({ of }) => of === kind),
          kind,
        );
      }
      for (const { url } of gpu.sources) assert.match(url, /^https:/);
    });
  }

  it("has the GPUs that people have, each name and product once", () => {
    const names = gpus.flatMap(({ name, products }) => [name, ...products]);
    assert.equal(new Set(names).size, names.length);
    const wanted = ["T4", "L4", "A10", "A10G", "L40S", "A100-40", "A100-80", "H100", "H20", "H200", "B200", "RTX-5090"];
    assert.deepEqual(
      wanted.filter((name) => !names.includes(name)),
      [],
    );
  });
});
