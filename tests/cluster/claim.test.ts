import assert from "node:assert/strict";
import { TestStack } from "./stack";

describe("the claim with the model", () => {
  const namespace = "claim";
  let stack: TestStack;
  let uid: string;
  const claim = (field: string): Promise<string> =>
    stack.cluster.kubectl("-n", namespace, "get", "pvc", "vllm-models-cache", "-o", `jsonpath={${field}}`);
  const server = (field: string): Promise<string> =>
    stack.cluster.kubectl(
      "-n",
      namespace,
      "get",
      "deploy",
      "vllm",
      "-o",
      `jsonpath={.spec.template.spec.containers[0]${field}}`,
    );

  before(async () => {
    stack = await TestStack.create(namespace, { config: { protectClaim: true } });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    uid = await claim(".metadata.uid");
  });
  after(async () => {
    await stack.run("state", "unprotect", "--all", "--yes");
    await stack.remove();
  });

  async function upWith(changes: Record<string, unknown>): Promise<void> {
    stack.configure(changes);
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.equal(await claim(".metadata.uid"), uid, "the claim was replaced");
  }

  it("grows in place where its class can expand", async () => {
    await upWith({ pvcSize: "40Gi" });
    assert.equal(await claim(".spec.resources.requests.storage"), "40Gi");
  });

  it("does not shrink, and says so at preview", async () => {
    stack.configure({ pvcSize: "35Gi" });
    const { exitCode, text } = await stack.preview();
    assert.notEqual(exitCode, 0, text);
    assert.match(text, /can not be less than|less than previous value/);
    stack.configure({ pvcSize: "40Gi" });
  });

  it("stays when the image, the mount path and the model change", async () => {
    await upWith({ image: "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.2.5" });
    await upWith({ modelsPath: "/data" });
    await upWith({ modelId: "Qwen/Qwen2.5-7B-Instruct", gpuModel: "" });
    assert.equal(await server(".image"), "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.2.5");
    assert.match(await server(".args"), /"\/data\/Qwen\/Qwen2\.5-7B-Instruct"/);
  });

  it("survives destroy --exclude-protected, with its namespace, and is used again by the next up", async () => {
    const { exitCode, text } = await stack.destroy("--exclude-protected");
    assert.equal(exitCode, 0, text);
    assert.equal(await claim(".metadata.uid"), uid);
    await assert.rejects(stack.cluster.kubectl("-n", namespace, "get", "deploy", "vllm"), /NotFound/);
    await upWith({});
  });

  it("cannot be destroyed by accident", async () => {
    const { exitCode, text } = await stack.destroy();
    assert.notEqual(exitCode, 0);
    assert.match(text, /protect/);
    assert.equal(await claim(".metadata.uid"), uid);
  });
});

describe("a claim whose class cannot expand", () => {
  const namespace = "fixed-claim";
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create(namespace, { config: { storageClassName: "simulated-fixed" } });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
  });
  after(() => stack.remove());

  it("is refused to grow, by the API server's own words", async () => {
    stack.configure({ pvcSize: "40Gi" });
    const { exitCode, text } = await stack.up();
    assert.notEqual(exitCode, 0);
    assert.match(
      text,
      /only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize/,
    );
  });
});
