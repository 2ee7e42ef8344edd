import assert from "node:assert/strict";
import { GiB } from "../../../components/capacity/memory";
import { fitProblems, type FitInput } from "../../../components/capacity/fitProblems";
import { fitInput } from "./fitInput";

/** The defaults of the stack, on an L4. */
const good: FitInput = {
  ...fitInput,
  modelId: "Qwen/Qwen2.5-7B-Instruct-AWQ",
  gpuModel: "L4",
  pvcSizeBytes: 30 * GiB,
};

function reasons(changes: Partial<FitInput>): string[] {
  return fitProblems({ ...good, ...changes }).problems.map(({ reason }) => reason);
}

function notes(changes: Partial<FitInput>): string[] {
  return fitProblems({ ...good, ...changes }).notes;
}

function without<Key extends keyof FitInput>(key: Key): FitInput {
  const rest: Partial<FitInput> = { ...good };
  delete (rest as Record<Key, unknown>)[key];
  return rest as FitInput;
}

describe("the fit check", () => {
  it("passes the defaults on an L4, and says how many requests have room", () => {
    assert.deepEqual(fitProblems(good), {
      problems: [],
      notes: [
        "Qwen/Qwen2.5-7B-Instruct-AWQ fits L4: at least 7.3 sequences of 32768 tokens at once (maxNumSeqs 128); what is more waits.",
      ],
    });
  });

  it("refuses no number of sequences, because vLLM queues what has no room", () => {
    for (const maxNumSeqs of [1, 128, 1024]) assert.deepEqual(reasons({ maxNumSeqs }), []);
  });

  it("takes a node label's value for the GPU too, in any case", () => {
    assert.deepEqual(reasons({ gpuModel: "nvidia-l4" }), []);
  });

  describe("when nothing is claimed", () => {
    it("says once that the fit is unknown without a GPU", () => {
      const expected = ["Whether Qwen/Qwen2.5-7B-Instruct-AWQ fits the GPU is unknown: gpuModel is not set."];
      assert.deepEqual(fitProblems(without("gpuModel")), { problems: [], notes: expected });
      assert.deepEqual(fitProblems({ ...good, gpuModel: "" }), { problems: [], notes: expected });
    });

    it("says once that it is unknown for a model outside the list, with or without a GPU", () => {
      const expected = [
        "Whether somebody/something fits is unknown: it is not in the list of presets, so its context, parser and memory are not checked.",
      ];
      assert.deepEqual(fitProblems({ ...good, modelId: "somebody/something" }), { problems: [], notes: expected });
      const input = { ...without("gpuModel"), modelId: "somebody/something" };
      assert.deepEqual(fitProblems(input), { problems: [], notes: expected });
    });
  });

  it("refuses a GPU that it does not know", () => {
    assert.deepEqual(reasons({ gpuModel: "L5" }), [
      "'gpuModel' (L5) must be one of T4, A10, A10G, L4, L40S, A100-40, A100-80, H100, H20, H200, RTX-5090, RTX-PRO-6000, B200; set one of them, or leave it empty: then the memory is not checked.",
    ]);
  });

  describe("memory", () => {
    it("shows the sum and three ways that fit", () => {
      assert.deepEqual(reasons({ modelId: "Qwen/Qwen2.5-7B-Instruct", gpuMemoryUtilization: 0.7 }), [
        "'maxModelLen' (32768) must fit L4: 14.2 to 14.3 GiB of weights + 0.3 to 1.7 GiB of activations and CUDA + 1.8 GiB of KV cache for one sequence, in 15.4 GiB (22.04 GiB of each L4 × 0.7); set modelId to Qwen/Qwen2.5-7B-Instruct-AWQ, or tensorParallelSize to 2, or gpuMemoryUtilization to 0.95.",
      ]);
    });

    it("offers a shorter context, the model stored smaller and more GPUs, whatever else would help", () => {
      const wide = { modelId: "Qwen/Qwen2.5-32B-Instruct", gpuModel: "A100-80", pvcSizeBytes: Infinity };
      assert.deepEqual(reasons({ ...wide, gpuMemoryUtilization: 0.95 }), []);
      const [reason] = reasons({ ...wide, gpuMemoryUtilization: 0.87 });
      const three =
        /; set maxModelLen to \d+, or modelId to Qwen\/Qwen2\.5-32B-Instruct-AWQ, or tensorParallelSize to 2\.$/;
      assert.match(reason ?? "", three);
    });

    it("offers only what passes the check itself", () => {
      const wide = { modelId: "Qwen/Qwen2.5-32B-Instruct", gpuModel: "L40S", pvcSizeBytes: Infinity };
      const [reason] = reasons(wide);
      assert.ok(reason);
      const offered = [...reason.slice(reason.indexOf("; set ")).matchAll(/(\w+) to ([\w./-]+?)(?=,| |\.$)/g)];
      assert.equal(offered.length, 3, reason);
      for (const [, key = "", value = ""] of offered) {
        const changed = /^\d/.test(value) ? Number(value) : value;
        assert.deepEqual(reasons({ ...wide, [key]: changed }), [], `${key}: ${value}`);
      }
    });

    it("warns where it depends on the version, and says what is certain", () => {
      const [note] = notes({
        modelId: "openai/gpt-oss-120b",
        gpuModel: "H100",
        toolCallParser: "openai",
        pvcSizeBytes: Infinity,
      });
      assert.match(note ?? "", /^openai\/gpt-oss-120b may or may not start on H100: .*; certain to fit: .*\.$/);
    });
  });

  describe("splitting", () => {
    it("wants the heads divided", () => {
      assert.deepEqual(reasons({ tensorParallelSize: 8 }), [
        "'tensorParallelSize' (8) must divide the 28 attention heads of Qwen/Qwen2.5-7B-Instruct-AWQ, and divide or be a multiple of its 4 KV heads; set tensorParallelSize to one of 1, 2, 4.",
      ]);
    });

    it("wants whole groups of a quantised model", () => {
      const fp8 = { modelId: "Qwen/Qwen3-30B-A3B-FP8", gpuModel: "H100", pvcSizeBytes: Infinity };
      assert.deepEqual(reasons({ ...fp8, tensorParallelSize: 4 }), [
        "'tensorParallelSize' (4) must leave each GPU a multiple of 128 of the 768 columns of Qwen/Qwen3-30B-A3B-FP8, because so many share a scale; set tensorParallelSize to one of 1, 2.",
      ]);
      assert.deepEqual(reasons({ ...fp8, tensorParallelSize: 2 }), []);
    });

    it("wants a layer for each pipeline stage", () => {
      assert.deepEqual(reasons({ pipelineParallelSize: 29 }), [
        "'pipelineParallelSize' (29) must be at most 28, the layers of Qwen/Qwen2.5-7B-Instruct-AWQ; set it to 28 or less.",
      ]);
    });
  });

  describe("context", () => {
    it("is bound by the model's own", () => {
      assert.deepEqual(reasons({ maxModelLen: 40_000 }), [
        "'maxModelLen' (40000) must be at most 32768, the longest context that the config.json of Qwen/Qwen2.5-7B-Instruct-AWQ allows; set maxModelLen to 32768 (a copy of the model with rope_scaling in its config.json has more: give its maxContext in modelFigures).",
      ]);
    });

    it("is bound by what the user says of a copy with rope scaling", () => {
      assert.deepEqual(reasons({ maxModelLen: 131_072, figures: { maxContext: 131_072 } }), []);
    });

    it("has room for Claude Code where the model bears a Claude name", () => {
      const claude = { servedModelNames: ["claude-sonnet-4-5-20250929"] };
      assert.deepEqual(reasons(claude), []);
      assert.deepEqual(reasons({ ...claude, maxModelLen: 16_384 }), [
        "'maxModelLen' (16384) must be at least 32768 while the model is served as claude-sonnet-4-5-20250929, because Claude Code's first request is about 24,000 tokens; set maxModelLen to 32768, or drop the alias.",
      ]);
      assert.deepEqual(
        reasons({
          ...claude,
          modelId: "microsoft/phi-4",
          gpuModel: "H100",
          maxModelLen: 16_384,
          enableAutoToolChoice: false,
          pvcSizeBytes: Infinity,
        }),
        [
          "'maxModelLen' (16384) must be at least 32768 while the model is served as claude-sonnet-4-5-20250929, because Claude Code's first request is about 24,000 tokens; drop the alias, because microsoft/phi-4 has no longer context than 16384.",
        ],
      );
    });
  });

  describe("tool calls", () => {
    it("want the family's parser", () => {
      const coder = { modelId: "Qwen/Qwen3-Coder-30B-A3B-Instruct", gpuModel: "H200", pvcSizeBytes: Infinity };
      assert.deepEqual(reasons(coder), [
        "'toolCallParser' (hermes) must be qwen3_xml or qwen3_coder for Qwen/Qwen3-Coder-30B-A3B-Instruct, or its tool calls arrive as text; set toolCallParser to qwen3_xml.",
      ]);
      assert.deepEqual(reasons({ ...coder, toolCallParser: "qwen3_coder" }), []);
      assert.deepEqual(reasons({ ...coder, enableAutoToolChoice: false }), []);
    });

    it("are refused for a family without a parser", () => {
      assert.deepEqual(
        reasons({ modelId: "microsoft/phi-4", gpuModel: "H100", maxModelLen: 16_384, pvcSizeBytes: Infinity }),
        [
          "'enableAutoToolChoice' (true) must be false for microsoft/phi-4, because vLLM documents no tool-call parser for Phi-4; set enableAutoToolChoice to false.",
        ],
      );
    });
  });

  describe("the claim", () => {
    const large = { modelId: "Qwen/Qwen2.5-32B-Instruct-AWQ", gpuModel: "L40S" };

    it("holds the weights", () => {
      assert.deepEqual(reasons({ ...large, pvcSizeBytes: 18 * GiB }), [
        "'pvcSize' (18.0 GiB) must hold the 18.0 GiB of weights of Qwen/Qwen2.5-32B-Instruct-AWQ and its small files; set pvcSize to 38Gi, which holds two revisions while one replaces the other.",
      ]);
    });

    it("may hold one revision only, which is said", () => {
      assert.deepEqual(reasons(large), []);
      assert.equal(
        notes(large)[0],
        "pvcSize (30.0 GiB) holds one revision of Qwen/Qwen2.5-32B-Instruct-AWQ: a change of modelRevision needs 38Gi, because both are there for a while.",
      );
    });

    it("of somebody else has an unknown size, and is not checked", () => {
      assert.deepEqual(reasons({ ...large, pvcSizeBytes: Infinity }), []);
    });
  });

  describe("the GPU's generation", () => {
    it("has no bfloat16 on a T4: refused if asked for, told if chosen by vLLM", () => {
      const half = { modelId: "ibm-granite/granite-3.1-2b-instruct", gpuModel: "T4", toolCallParser: "granite" };
      assert.deepEqual(reasons({ ...half, dtype: "bfloat16" }), [
        "'dtype' (bfloat16) must be another type: bfloat16 needs compute capability 8.0, and T4 has compute capability 7.5; set dtype to half.",
      ]);
      assert.deepEqual(reasons(half), []);
      assert.equal(
        notes(half)[0],
        "T4 (compute capability 7.5) has no bfloat16: ibm-granite/granite-3.1-2b-instruct is computed in float16, its range being smaller.",
      );
    });

    it("has no FP8 at all on a T4, and FP8 for storage alone on an A100", () => {
      const fp8 = { modelId: "Qwen/Qwen3-32B-FP8", pvcSizeBytes: Infinity };
      assert.deepEqual(reasons({ ...fp8, gpuModel: "T4", tensorParallelSize: 4 }), [
        "'modelId' (Qwen/Qwen3-32B-FP8) must be another model: fp8 needs compute capability 8.0, and T4 has compute capability 7.5; set a model in AWQ or 16 bits, or another gpuModel.",
      ]);
      assert.equal(
        notes({ ...fp8, gpuModel: "A100-80" })[0],
        "A100-80 (compute capability 8.0) stores FP8 weights but computes in 16 bits: memory is saved, time is not.",
      );
      assert.equal(notes({ ...fp8, gpuModel: "H100" }).length, 1, "nothing to say but the fit");
    });

    it("has no Marlin kernels on a T4, so AWQ is slow", () => {
      assert.equal(
        notes({ gpuModel: "T4" })[0],
        "T4 (compute capability 7.5) has no Marlin kernels: AWQ runs there, but slowly.",
      );
    });

    it("computes quantised models in 16 bits only", () => {
      assert.deepEqual(reasons({ dtype: "float32" }), [
        "'dtype' (float32) must be auto, half, float16 or bfloat16 for Qwen/Qwen2.5-7B-Instruct-AWQ, whose weights are in awq; set dtype to auto.",
      ]);
    });
  });

  describe("a model outside the list", () => {
    const figures = {
      layers: 28,
      hiddenSize: 3584,
      attentionHeads: 28,
      kvHeads: 4,
      headSize: 128,
      intermediateSize: 18_944,
      vocabSize: 152_064,
      maxContext: 32_768,
      weightBytes: 15_231_000_000,
    };

    it("is checked when its figures are given", () => {
      const input = { modelId: "somebody/something", figures };
      assert.deepEqual(reasons(input), []);
      assert.match(notes(input)[0] ?? "", /^somebody\/something fits L4: at least /);
      assert.equal(reasons({ ...input, maxModelLen: 65_536 }).length, 1);
    });

    it("needs all of them", () => {
      const some: Partial<typeof figures> = { ...figures };
      delete some.layers;
      delete some.vocabSize;
      assert.deepEqual(reasons({ modelId: "somebody/something", figures: some }), [
        "'modelFigures' must hold every figure of somebody/something, which is not in the list of presets; set layers, vocabSize too.",
      ]);
    });

    it("needs figures that are figures", () => {
      const wrong = { ...figures, layers: -1, quantization: "gptq" } as unknown as NonNullable<FitInput["figures"]>;
      const [layers, quantization, ...others] = reasons({ modelId: "somebody/something", figures: wrong });
      assert.match(layers ?? "", /^'modelFigures\.layers' \(-1\) must be a figure of the model /);
      assert.match(quantization ?? "", /^'modelFigures\.quantization' \(gptq\) must be a figure of the model /);
      assert.deepEqual(others, []);
    });
  });

  it("collects what is wrong, instead of stopping at the first", () => {
    const { problems } = fitProblems({
      ...good,
      gpuModel: "L5",
      tensorParallelSize: 3,
      maxModelLen: 40_000,
      toolCallParser: "mistral",
      pvcSizeBytes: GiB,
    });
    assert.deepEqual(
      problems.map(({ propertyPath }) => propertyPath),
      ["gpuModel", "toolCallParser", "maxModelLen", "tensorParallelSize", "pvcSize"],
    );
  });
});
