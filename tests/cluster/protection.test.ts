import assert from "node:assert/strict";
import { TestStack } from "./stack";

describe("a protected claim", () => {
  const namespace = "protection";
  let stack: TestStack;
  let uid: string;
  const claimUid = (): Promise<string> =>
    stack.cluster.kubectl("-n", namespace, "get", "pvc", "vllm-models-cache", "-o", "jsonpath={.metadata.uid}");

  before(async () => {
    stack = await TestStack.create(namespace, { config: { protectClaim: true } });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    uid = await claimUid();
  });
  after(async () => {
    await stack.run("state", "unprotect", "--all", "--yes");
    await stack.remove();
  });

  it("cannot be destroyed by accident", async () => {
    const { exitCode, text } = await stack.destroy();
    assert.notEqual(exitCode, 0);
    assert.match(text, /protected/);
    assert.equal(await claimUid(), uid);
  });

  it("survives destroy --exclude-protected, with its namespace, and is used again by the next up", async () => {
    const { exitCode, text } = await stack.destroy("--exclude-protected");
    assert.equal(exitCode, 0, text);
    assert.equal(await claimUid(), uid);
    await assert.rejects(stack.cluster.kubectl("-n", namespace, "get", "deploy", "vllm"), /NotFound/);
    const again = await stack.up();
    assert.equal(again.exitCode, 0, again.text);
    assert.equal(await claimUid(), uid);
  });

  it("goes with its namespace once the state has let go of both", async () => {
    const unprotected = await stack.run("state", "unprotect", "--all", "--yes");
    assert.equal(unprotected.exitCode, 0, unprotected.text);
    const gone = await stack.destroy();
    assert.equal(gone.exitCode, 0, gone.text);
    await assert.rejects(stack.cluster.kubectl("get", "namespace", namespace), /NotFound/);
    const again = await stack.up();
    assert.equal(again.exitCode, 0, again.text);
  });

  it("goes with its namespace once the protection is off", async () => {
    stack.configure({ protectClaim: false });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    const gone = await stack.destroy();
    assert.equal(gone.exitCode, 0, gone.text);
    await assert.rejects(stack.cluster.kubectl("get", "namespace", namespace), /NotFound/);
  });
});
