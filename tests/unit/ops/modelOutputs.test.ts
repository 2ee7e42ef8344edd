import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { outputsOfModel } from "../../../ops/stack/modelOutputs";
import { openStack } from "../../../ops/stack/openStack";

describe("which of a stack's models a command is about", () => {
  let cwd: string;
  before(() => {
    cwd = mkdtempSync(path.join(tmpdir(), "vllm-models-"));
    writeFileSync(path.join(cwd, "Pulumi.yaml"), "name: vllm-inference\nruntime: nodejs\n");
    for (const [stack, models] of Object.entries({ one: {}, two: { vllm: {}, coder: { modelId: "acme/coder" } } })) {
      const own = { kubeContext: "dev", hfToken: { secure: "v1:x" }, models };
      const config = Object.fromEntries(Object.entries(own).map(([key, value]) => [`vllm-inference:${key}`, value]));
      writeFileSync(path.join(cwd, `Pulumi.${stack}.yaml`), stringify({ config }));
    }
  });
  after(() => rmSync(cwd, { recursive: true, force: true }));

  const component = async (stack: string, model?: string, anyName?: boolean): Promise<string> => {
    const options = { cwd, stack, ...(model !== undefined && { model }), ...(anyName && { anyName }) };
    return (await openStack(options)).args.component;
  };

  it("is the only one, unless another is named", async () => {
    assert.equal(await component("one"), "vllm");
    await assert.rejects(component("one", "coder"), { message: /^Stack 'one' has no model 'coder'\. Say which one / });
    assert.equal(await component("one", "nobody's", true), "vllm");
  });

  it("is said by its name, or by one under which it is served", async () => {
    assert.equal(await component("two", "coder"), "coder");
    assert.equal(await component("two", "acme/coder"), "coder");
    const message = "Stack 'two' has several models. Say which one with `--model <name>`: vllm, coder.";
    await assert.rejects(component("two"), { message });
    await assert.rejects(component("two", "nobody's", true), { message: /has no model 'nobody's'/ });
  });

  it("has its outputs by its name, and by themselves in a stack of an earlier version", () => {
    const models = { coder: { routeUrl: "https://coder" }, vllm: { routeUrl: "https://vllm" } };
    const outputs = { models, apiKeys: { coder: "k1", vllm: "k2" } };
    assert.deepEqual(outputsOfModel(outputs, "coder"), { routeUrl: "https://coder", apiKey: "k1" });
    assert.deepEqual(outputsOfModel({ routeUrl: "https://old" }, "vllm"), { routeUrl: "https://old" });
  });
});
