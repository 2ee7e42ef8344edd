/** The claim holds what took hours to download: what replaces it, what cannot change it, and what takes it away. */
import assert from "node:assert/strict";
import { TestStack } from "../../harness/stack";

const namespace = "claim";
let stack: TestStack;
before(async () => {
  stack = await TestStack.create(namespace);
  const { exitCode, text } = await stack.up();
  assert.equal(exitCode, 0, text);
});
after(() => stack.remove());

const kubectl = (...args: readonly string[]): Promise<string> => stack.cluster.kubectl("-n", namespace, ...args);
const claim = (path: string): Promise<string> => kubectl("get", "pvc", "vllm-models-cache", "-o", `jsonpath={${path}}`);

describe("another storage class, for a claim that is mounted", () => {
  it("is refused at preview, with the way out", async () => {
    const uid = await claim(".metadata.uid");
    stack.configure({ storageClassName: "simulated-fixed" });
    const { exitCode, text } = await stack.run("up", "--yes", "--non-interactive");
    assert.notEqual(exitCode, 0, text);
    assert.match(text, /The storage class of a claim cannot change in place.*`pulumi up --stack test --skip-preview`/);
    assert.equal(await claim(".metadata.uid"), uid);
    assert.equal(await claim(".metadata.deletionTimestamp"), "");
  });

  it("replaces it without a preview: the Deployment that mounts it goes first, and comes again", async () => {
    const uid = await claim(".metadata.uid");
    // What protects the new one does not protect the old one.
    stack.configure({ protectClaim: true });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.notEqual(await claim(".metadata.uid"), uid);
    assert.equal(await claim(".spec.storageClassName"), "simulated-fixed");
  });

  it("is refused for a protected claim, preview or not, and deletes nothing", async () => {
    const uid = await claim(".metadata.uid");
    stack.configure({ storageClassName: undefined });
    const { exitCode, text } = await stack.up();
    stack.configure({ storageClassName: "simulated-fixed" });
    assert.notEqual(exitCode, 0, text);
    assert.match(text, /unable to replace resource .*vllm-claim"\s+as it is currently marked for protection/);
    assert.equal(await claim(".metadata.uid"), uid);
    assert.equal(await kubectl("get", "deployment", "vllm", "-o", "jsonpath={.status.readyReplicas}"), "1");
  });
});

describe("a larger claim, of a class that cannot expand", () => {
  it("fails with the reason", async () => {
    stack.configure({ pvcSize: "40Gi" });
    const { exitCode, text } = await stack.up();
    stack.configure({ pvcSize: "30Gi" });
    assert.notEqual(exitCode, 0, text);
    assert.match(text, /The claim's storage class cannot grow volumes: set `pvcSize` back/);
  });
});

// That it goes once `protectClaim` is off is tried in lifecycle.test.ts.
describe("a protected claim", () => {
  let uid: string;
  before(async () => {
    uid = await claim(".metadata.uid");
  });

  it("cannot be destroyed by accident", async () => {
    const { exitCode, text } = await stack.destroy();
    assert.notEqual(exitCode, 0);
    assert.match(text, /protected/);
    assert.equal(await claim(".metadata.uid"), uid);
  });

  it("survives destroy --exclude-protected, with its namespace, and is used again by the next up", async () => {
    const { exitCode, text } = await stack.destroy("--exclude-protected");
    assert.equal(exitCode, 0, text);
    assert.equal(await claim(".metadata.uid"), uid);
    await assert.rejects(kubectl("get", "deploy", "vllm"), /NotFound/);
    const again = await stack.up();
    assert.equal(again.exitCode, 0, again.text);
    assert.equal(await claim(".metadata.uid"), uid);
  });

  it("goes with its namespace once the state has let go of both", async () => {
    const unprotected = await stack.run("state", "unprotect", "--all", "--yes");
    assert.equal(unprotected.exitCode, 0, unprotected.text);
    const gone = await stack.destroy();
    assert.equal(gone.exitCode, 0, gone.text);
    await assert.rejects(stack.cluster.kubectl("get", "namespace", namespace), /NotFound/);
  });
});
