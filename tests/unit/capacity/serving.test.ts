/** What the type of the cache, adapters and slices change in the sum. */
import assert from "node:assert/strict";
import { computeFit, GiB, kvBytesPerToken, type Serving } from "../../../components/capacity/memory";
import { fitProblems, type FitInput } from "../../../components/capacity/fitProblems";
import { findGpu } from "../../../components/capacity/gpus";
import { findModel } from "../../../components/capacity/models";
import { sliceOf } from "../../../components/capacity/slices";
import { fitInput } from "./fitInput";

const good: FitInput = { ...fitInput, modelId: "Qwen/Qwen2.5-7B-Instruct", gpuModel: "H100", pvcSizeBytes: Infinity };
const qwen = findModel("Qwen/Qwen2.5-7B-Instruct")!;
const h100 = findGpu("H100")!;
const reasons = (changes: Partial<FitInput>): string[] =>
  fitProblems({ ...good, ...changes }).problems.map(({ reason }) => reason);
const notes = (changes: Partial<FitInput>): string => fitProblems({ ...good, ...changes }).notes.join(" ");

describe("the type of the KV cache", () => {
  it("of 8 bits halves what a token takes, whatever the activations are", () => {
    const serving: Serving = { ...good, kvCacheDtype: "fp8" };
    assert.equal(kvBytesPerToken(qwen, serving) * 2, kvBytesPerToken(qwen, good));
    assert.equal(kvBytesPerToken(qwen, { ...serving, dtype: "float32" }), kvBytesPerToken(qwen, serving));
  });

  it("is not reckoned with where nothing is known of its scales, and it is said", () => {
    const told =
      "Whether Qwen/Qwen2.5-7B-Instruct fits the GPU is unknown: what a token takes in a cache of nvfp4 is not known.";
    assert.ok(notes({ kvCacheDtype: "nvfp4" }).includes(told));
  });
});

describe("a hybrid model", () => {
  const hybrid = findModel("Qwen/Qwen3.5-35B-A3B")!;
  const serving: Serving = { ...good, kvCacheDtype: "fp8" };

  it("keeps the tokens of every fourth layer, and a state of the others however long the context is", () => {
    // 10 layers × 2 × 2 heads × 256 × 1 byte.
    assert.equal(kvBytesPerToken(hybrid, serving), 10_240);
    const [short, long] = [4096, 8192].map(
      (maxModelLen) => computeFit(hybrid, h100, { ...serving, maxModelLen }).kvPerSequence,
    );
    assert.equal(long! - short!, 4096 * 10_240);
    // 40 × 2.1 MB.
    assert.ok(short! - 4096 * 10_240 > 80e6 && short! - 4096 * 10_240 < 90e6);
  });

  it("has the room that a published log says, within 10 %: 4.33 sequences of 131,072 tokens in 5.98 GiB", () => {
    const { kvPerSequence } = computeFit(hybrid, h100, { ...serving, maxModelLen: 131_072 });
    const room = (5.98 * GiB) / kvPerSequence;
    assert.ok(Math.abs(room / 4.33 - 1) < 0.1, `${room}`);
  });
});

describe("adapters", () => {
  // 28 layers, each of 7 × 3,584 + 2 × 3,584 + 2 × 512 + 3 × 18,944 numbers a rank; 16 bits.
  const counted = (28 * (7 * 3584 + 2 * 3584 + 2 * 512 + 3 * 18_944) * 16 * 2 * 4) / GiB;

  it("take a slot each beside every linear layer: 0.3 GiB for four of rank 16 and a model of 7B", () => {
    const lora = { slots: 4, rank: 16 };
    const [without, with_] = [good, { ...good, lora }].map((serving) => computeFit(qwen, h100, serving));
    const more = (with_!.overhead.most - without!.overhead.most) / GiB;
    assert.ok(counted > 0.3 && more >= counted && more < counted + 0.1, `${more} and ${counted}`);
  });

  it("are not reckoned with beside experts, and it is said", () => {
    const changes = { modelId: "openai/gpt-oss-20b", toolCallParser: "openai", lora: { slots: 1, rank: 16 } };
    assert.ok(notes(changes).includes("what adapters take beside experts is not known"));
  });

  it("show in the sum that refuses them", () => {
    const [sentence = ""] = reasons({ gpuModel: "L4", maxModelLen: 8192, lora: { slots: 64, rank: 256 } });
    assert.match(sentence, /of activations, adapters and CUDA/);
  });
});

describe("a slice of a GPU", () => {
  const size = (gpu: string, slice: string): string => {
    const { memoryGiB, mostGiB = 0 } = sliceOf(findGpu(gpu)!, `nvidia.com/mig-${slice}`).gpu;
    return `${memoryGiB.toFixed(1)} to ${mostGiB.toFixed(1)}`;
  };

  it("has its share of the memory, and at least what NVIDIA's lists say of such a share", () => {
    assert.equal(size("H100", "3g.40gb"), "39.2 to 39.6");
    assert.equal(size("H100", "1g.10gb"), "8.6 to 9.9");
    assert.equal(size("H100", "1g.20gb"), "18.4 to 19.8");
    assert.equal(size("H200", "3g.71gb"), "69.2 to 69.9");
    assert.equal(size("B200", "4g.90gb"), "88.3 to 89.2");
    assert.equal(size("A100-40", "3g.20gb"), "19.5 to 19.7");
  });

  it("is what the model must fit", () => {
    assert.deepEqual(reasons({ gpuResource: "nvidia.com/mig-3g.40gb" }), []);
    assert.match(notes({ gpuResource: "nvidia.com/mig-3g.40gb" }), /fits mig-3g\.40gb of H100: at least/);
    const [sentence = ""] = reasons({ gpuResource: "nvidia.com/mig-1g.10gb" });
    assert.match(sentence, /must fit mig-1g\.10gb of H100: .* in 7\.7 GiB/);
  });

  it("is refused where the GPU is not cut so", () => {
    assert.deepEqual(reasons({ gpuResource: "nvidia.com/mig-3g.20gb" }), [
      "'gpuResource' (nvidia.com/mig-3g.20gb) must be a slice that H100 ('gpuModel', 79.11 GiB) can be cut into; set the slice as `oc describe node` shows it, or another gpuModel.",
    ]);
    assert.match(reasons({ gpuModel: "L40S", gpuResource: "nvidia.com/mig-3g.20gb" })[0] ?? "", /L40S/);
  });
});

describe("the type of the activations", () => {
  const oss = { modelId: "openai/gpt-oss-20b", toolCallParser: "openai" };

  it("is bfloat16 alone for mxfp4, whatever the GPU, and where none is named", () => {
    const sentence =
      "'dtype' (float16) must be auto or bfloat16 for openai/gpt-oss-20b, whose weights are in mxfp4; set dtype to auto.";
    assert.deepEqual(reasons({ ...oss, dtype: "float16" }), [sentence]);
    assert.deepEqual(reasons({ ...oss, dtype: "float16", gpuModel: "" }), [sentence]);
    assert.deepEqual(reasons({ ...oss, dtype: "bfloat16" }), []);
  });
});
