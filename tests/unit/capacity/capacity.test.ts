import assert from "node:assert/strict";
import { computeFit, GiB, kvBytesPerSequence, kvBytesPerToken } from "../../../components/capacity/memory";
import { findGpu } from "../../../components/capacity/gpus";
import type { GpuModel } from "../../../components/capacity/types";
import { findModel, models } from "../../../components/capacity/models";
import type { ModelPreset } from "../../../components/capacity/types";
import { serving } from "./fitInput";

function model(id: string): ModelPreset {
  const found = findModel(id);
  assert.ok(found, id);
  return found;
}

function gpu(name: string): GpuModel {
  const found = findGpu(name);
  assert.ok(found, name);
  return found;
}

const qwen = model("Qwen/Qwen2.5-7B-Instruct-AWQ");

describe("the KV cache of one token", () => {
  it("is 2 × layers × KV heads × head size × bytes: 56 KiB for Qwen2.5-7B, 1.75 GiB for 32,768 tokens", () => {
    assert.equal(kvBytesPerToken(qwen, serving), 56 * 1024);
    assert.equal(kvBytesPerSequence(qwen, serving, 32_768, 2048), 1.75 * GiB);
  });

  it("is divided by tensor parallelism as far as there are KV heads, then repeated", () => {
    const bytes = (tensorParallelSize: number) => kvBytesPerToken(qwen, { ...serving, tensorParallelSize });
    assert.equal(bytes(2), 28 * 1024);
    assert.equal(bytes(4), 14 * 1024);
    assert.equal(bytes(28), 14 * 1024, "4 KV heads cannot be divided further");
  });

  it("is divided by pipeline parallelism, up to a whole layer", () => {
    assert.equal(kvBytesPerToken(qwen, { ...serving, pipelineParallelSize: 3 }), 10 * 2 * 1024);
  });

  it("is twice as large in 32 bits", () => {
    assert.equal(kvBytesPerToken(qwen, { ...serving, dtype: "float32" }), 112 * 1024);
  });

  it("is one latent vector a layer for DeepSeek, the same on every GPU, where the formula with heads says 57 times as much", () => {
    const deepseek = model("deepseek-ai/DeepSeek-R1");
    assert.equal(kvBytesPerToken(deepseek, serving), 61 * 576 * 2);
    assert.equal(kvBytesPerToken(deepseek, { ...serving, tensorParallelSize: 8 }), 61 * 576 * 2);
    const withHeads = 2 * deepseek.layers * deepseek.kvHeads * 128 * 2;
    assert.equal(Math.round(withHeads / kvBytesPerToken(deepseek, serving)), 57);
  });
});

describe("the KV cache of a sequence with a sliding window", () => {
  const gptOss = model("openai/gpt-oss-120b");

  it("keeps all tokens in half of gpt-oss' layers, and in the others the window and the running batch", () => {
    const full = 18 * 131_072 * 2048;
    const sliding = 18 * (Math.ceil((127 + 1024) / 16) + 1) * 16 * 2048;
    assert.equal(kvBytesPerSequence(gptOss, serving, 131_072, 1024), full + sliding);
  });

  // https://github.com/vllm-project/vllm/issues/27508: "4.54 GiB KV cache is needed" for 131,072 tokens, started with
  // --max-num-batched-tokens 1024.
  it("gives the 4.54 GiB that a refusal on an H100 named, and more for a larger batch", () => {
    assert.equal((kvBytesPerSequence(gptOss, serving, 131_072, 1024) / GiB).toFixed(2), "4.54");
    assert.equal((kvBytesPerSequence(gptOss, serving, 131_072, 2048) / GiB).toFixed(2), "4.58");
    assert.equal((kvBytesPerSequence(gptOss, serving, 131_072, 8192) / GiB).toFixed(2), "4.79");
  });

  it("is about half of what the formula without a window says", () => {
    const simple = 131_072 * kvBytesPerToken(gptOss, serving);
    assert.ok(kvBytesPerSequence(gptOss, serving, 131_072, 8192) < 0.54 * simple);
  });
});

// Heads of another size in the full layers, as Gemma4Attention and unify_kv_cache_spec_page_size of vLLM 0.24.0 have them.
describe("the KV cache where full layers have heads of their own", () => {
  const gemma = model("google/gemma-4-26B-A4B-it");

  it("counts 2 heads of 512 in 5 layers of Gemma 4, and 8 of 256 in the 25 with a window", () => {
    assert.equal(kvBytesPerToken(gemma, serving), 5 * 4096 + 25 * 8192);
    const full = 5 * 131_072 * 4096;
    const sliding = 25 * (Math.ceil((1023 + 2048) / 16) + 1) * 16 * 8192;
    assert.equal(kvBytesPerSequence(gemma, serving, 131_072, 2048), full + sliding);
  });

  it("repeats them where there are fewer than GPUs", () => {
    assert.equal(kvBytesPerToken(gemma, { ...serving, tensorParallelSize: 4 }), 5 * 2048 + 25 * 2048);
  });
});

describe("the verdict", () => {
  it("is about one sequence: 128 sequences of 32,768 tokens are a concurrency, no refusal", () => {
    const fit = computeFit(qwen, gpu("L4"), serving);
    assert.equal(fit.verdict, "fits");
    assert.ok(fit.concurrency > 7 && fit.concurrency < 8, String(fit.concurrency));
    assert.ok(128 * fit.kvPerSequence > fit.kvAvailable.most, "128 of them would not fit at once");
  });

  it("is `exceeds` when even the smallest overhead leaves too little", () => {
    assert.equal(computeFit(model("Qwen/Qwen2.5-32B-Instruct"), gpu("L40S"), serving).verdict, "exceeds");
  });

  it("is `tight` between the two", () => {
    assert.equal(computeFit(model("openai/gpt-oss-120b"), gpu("H100"), serving).verdict, "tight");
  });

  it("takes the driver's own memory into account where the share leaves none", () => {
    const all = computeFit(qwen, gpu("L4"), { ...serving, gpuMemoryUtilization: 1 });
    const most = computeFit(qwen, gpu("L4"), { ...serving, gpuMemoryUtilization: 0.97 });
    assert.ok(all.kvAvailable.least - most.kvAvailable.least < 0.05 * GiB);
  });

  it("leaves less for the KV cache with CUDA graphs", () => {
    const eager = computeFit(qwen, gpu("L4"), serving).kvAvailable.least;
    assert.ok(computeFit(qwen, gpu("L4"), { ...serving, enforceEager: false }).kvAvailable.least < eager);
  });

  it("counts 16-bit weights twice in 32 bits, and quantised ones not", () => {
    const doubled = (id: string) => {
      const [half, full] = ["auto", "float32"].map((dtype) =>
        computeFit(model(id), gpu("H100"), { ...serving, dtype }),
      );
      return full!.weights.least / half!.weights.least;
    };
    assert.equal(doubled("Qwen/Qwen2.5-7B-Instruct"), 2);
    assert.equal(doubled("Qwen/Qwen2.5-7B-Instruct-AWQ"), 1);
  });
});

describe("the longest context, for every model and GPU", () => {
  for (const preset of models) {
    it(`${preset.id}: fits, and a block more does not`, () => {
      for (const name of ["T4", "L4", "A100-40", "H100", "B200"]) {
        const { longestContext } = computeFit(preset, gpu(name), serving);
        const at = (maxModelLen: number) => computeFit(preset, gpu(name), { ...serving, maxModelLen }).verdict;
        assert.ok(longestContext <= preset.maxContext);
        if (longestContext > 0) assert.equal(at(longestContext), "fits", name);
        if (longestContext + 16 <= preset.maxContext) assert.notEqual(at(longestContext + 16), "fits", name);
      }
    });
  }
});
