/** Components that a program of somebody's own makes. */
import assert from "node:assert/strict";
import { createProvider } from "../../components/cluster/provider";
import { SharedNamespace } from "../../components/sharedNamespace";
import { VllmInference } from "../../components/vllmInference";
import { type Run, objects, runProgram } from "./program";

const componentType = "vllm-inference:index:VllmInference";

describe("a program of components", () => {
  it("puts two components into one namespace without a name in common", async () => {
    const two = await runProgram({ config: {}, secretKeys: [] }, () => {
      const cluster = createProvider("cluster", { context: "dev" });
      const args = { cluster, hfToken: "hf_x", createNamespace: false };
      new SharedNamespace("space", { cluster, namespace: "vllm-inference" });
      new VllmInference("vllm", args);
      new VllmInference("coder", { ...args, modelId: "some/coder" });
      return {};
    });
    const names = objects(two).map(({ type, inputs }) => `${type} ${(inputs["metadata"] as { name: string }).name}`);
    assert.equal(new Set(names).size, names.length);
    assert.equal(names.filter((name) => name.includes("Namespace")).length, 1);
    assert.deepEqual(two.hooks.toSorted(), [
      "coder-drift",
      "coder-ownership",
      "coder-readiness",
      "coder-remedy",
      "space-shared-drift",
      "space-shared-failure",
      "space-shared-ownership",
      "vllm-drift",
      "vllm-ownership",
      "vllm-readiness",
      "vllm-remedy",
    ]);
  });

  it("refuses a second component that would make the same namespace, before its first child", async () => {
    const seen: Run = { resources: [], hooks: [], outputs: {} };
    const program = (): object => {
      const cluster = createProvider("cluster", { context: "dev" });
      new VllmInference("vllm", { cluster, hfToken: "hf_x" });
      return new VllmInference("second", { cluster, hfToken: "hf_x" });
    };
    await assert.rejects(runProgram({ config: {} }, program, seen), /Namespace 'vllm-inference' would be made by two/);
    assert.ok(!seen.resources.some(({ name }) => name.startsWith("second-")));
  });

  it("refuses a component's mistakes before its first child", async () => {
    const seen: Run = { resources: [], hooks: [], outputs: {} };
    const program = (): object =>
      new VllmInference("vllm", { cluster: createProvider("cluster", { context: "dev" }), routePath: "v1" });
    await assert.rejects(runProgram({ config: {} }, program, seen), {
      message:
        "2 mistakes in the arguments of 'vllm':\n" +
        "  - 'hfToken' must be set to download the model; set it with `pulumi config set --stack test --secret hfToken` (a read token from huggingface.co/settings/tokens).\n" +
        "  - 'routePath' (v1) must be /v1 or a path below it, because vLLM's API key guards nothing else; set /v1.",
    });
    const children = seen.resources.filter(({ type }) => type !== componentType && !type.startsWith("pulumi:"));
    assert.deepEqual(children, []);
  });
});
