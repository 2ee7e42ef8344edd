/** What is remembered of a server's answer, from what the engine tells of the stack's own state. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { VersionMemory } from "../../components/versions";

const digest = `registry.example.com/vllm@sha256:${"0".repeat(64)}`;
const tag = "mirror.example.com/vllm:prod";
const urn = "urn:pulumi:dev::vllm-inference::vllm-inference:index:VllmInference::vllm";

async function memoryOf(image: string): Promise<VersionMemory> {
  const outputs = { [urn]: { outputs: { image, vllmVersion: "0.13.0" } } };
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs as object }),
    call: ({ token }) => ({ outputs: token === "pulumi:pulumi:readStackResourceOutputs" ? outputs : {} }),
  });
  return new VersionMemory({ urn: pulumi.output(urn) } as pulumi.Resource);
}

describe("which vLLM an image holds", () => {
  it("is what its server answered before, and of another image nothing", async () => {
    const memory = await memoryOf(digest);
    assert.equal(await memory.versionOf(digest), "0.13.0");
    assert.equal(await memory.versionOf(tag), undefined);
  });

  it("is what it answers now", async () => {
    const memory = await memoryOf(digest);
    memory.hear(digest, { version: "0.24.0" });
    assert.equal(await memory.versionOf(digest), "0.24.0");
  });

  it("is remembered of a digest also where the server is not heard, and not of a tag, which may have moved", async () => {
    for (const [image, version] of [
      [digest, "0.13.0"],
      [tag, undefined],
    ] as const) {
      const memory = await memoryOf(image);
      memory.hear(image, { why: "no route to the pod" });
      assert.equal(await memory.versionOf(image), version);
    }
  });
});
