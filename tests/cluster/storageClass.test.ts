import assert from "node:assert/strict";
import { TestStack } from "./stack";

describe("another storage class, for a claim that is mounted", () => {
  const namespace = "storage-class";
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create(namespace);
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    stack.configure({ storageClassName: "simulated-fixed" });
  });
  after(async () => {
    await stack.run("state", "unprotect", "--all", "--yes");
    await stack.remove();
  });

  const claim = (path: string): Promise<string> =>
    stack.cluster.kubectl("-n", namespace, "get", "pvc", "vllm-models-cache", "-o", `jsonpath={${path}}`);

  it("is refused at preview, with the way out", async () => {
    const uid = await claim(".metadata.uid");
    const { exitCode, text } = await stack.run("up", "--yes", "--non-interactive");
    assert.notEqual(exitCode, 0, text);
    assert.match(text, /The storage class of a claim cannot change in place.*`pulumi up --stack test --skip-preview`/);
    assert.equal(await claim(".metadata.uid"), uid);
    assert.equal(await claim(".metadata.deletionTimestamp"), "");
  });

  it("replaces it without a preview: the Deployment that mounts it goes first, and comes again", async () => {
    const uid = await claim(".metadata.uid");
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.notEqual(await claim(".metadata.uid"), uid);
    assert.equal(await claim(".spec.storageClassName"), "simulated-fixed");
  });

  it("is refused for a protected claim, preview or not, and deletes nothing", async () => {
    stack.configure({ protectClaim: true });
    const kept = await stack.up();
    assert.equal(kept.exitCode, 0, kept.text);
    const uid = await claim(".metadata.uid");
    stack.configure({ storageClassName: undefined });
    const { exitCode, text } = await stack.up();
    assert.notEqual(exitCode, 0, text);
    assert.match(text, /unable to replace resource .*vllm-claim"\s+as it is currently marked for protection/);
    assert.equal(await claim(".metadata.uid"), uid);
    const ready = ["get", "deployment", "vllm", "-o", "jsonpath={.status.readyReplicas}"];
    assert.equal(await stack.cluster.kubectl("-n", namespace, ...ready), "1");
  });
});
