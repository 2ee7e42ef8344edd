import assert from "node:assert/strict";
import { TestStack } from "./stack";

interface Uids {
  readonly deployment: string;
  readonly claim: string;
  readonly pod: string;
}

describe("a change of a running deployment", () => {
  const namespace = "changes";
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create(namespace);
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
  });
  after(() => stack.remove());

  const uid = (...what: readonly string[]): Promise<string> =>
    stack.cluster.kubectl("-n", namespace, "get", ...what, "-o", "jsonpath={..metadata.uid}");
  const uids = async (): Promise<Uids> => ({
    deployment: await uid("deployment", "vllm"),
    claim: await uid("pvc", "vllm-models-cache"),
    pod: await uid("pods"),
  });

  /** Applies a change and says what it did to the three objects that matter. */
  async function applied(change: () => Promise<unknown> | void): Promise<{ before: Uids; after: Uids; text: string }> {
    const before = await uids();
    await change();
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    return { before, after: await uids(), text };
  }

  function assertRolled(before: Uids, after: Uids): void {
    assert.equal(after.deployment, before.deployment, "the Deployment was replaced");
    assert.equal(after.claim, before.claim, "the claim was replaced");
    assert.notEqual(after.pod, before.pod, "the pod did not roll");
  }

  it("of the token updates the Secret in place and rolls the pod", async () => {
    const { before, after, text } = await applied(() =>
      stack.pulumi("config", "set", "--secret", "hfToken", "hf_anotherAnotherAnotherAnotherAnoth"),
    );
    assertRolled(before, after);
    assert.ok(!/\bdeleted\b/.test(text), text);
  });

  it("of the API key's rotation makes a new key and rolls the pod", async () => {
    const { apiKey } = await stack.outputs();
    const { before, after } = await applied(() => stack.configure({ apiKeyRotation: 2 }));
    assertRolled(before, after);
    assert.notEqual((await stack.outputs()).apiKey, apiKey);
  });

  it("of the image keeps the claim", async () => {
    const { before, after } = await applied(() =>
      stack.configure({ image: "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.2.5" }),
    );
    assertRolled(before, after);
  });

  it("of the model keeps the claim and renames nothing", async () => {
    const { before, after } = await applied(() =>
      stack.configure({ modelId: "Qwen/Qwen2.5-3B-Instruct", toolCallParser: "hermes" }),
    );
    assertRolled(before, after);
  });

  it("of the mount path rolls the pod and keeps the claim", async () => {
    const { before, after } = await applied(() => stack.configure({ modelsPath: "/var/models" }));
    assertRolled(before, after);
  });

  it("to a larger claim grows it in place where its class can expand", async () => {
    const { before, after } = await applied(() => stack.configure({ pvcSize: "40Gi" }));
    assert.equal(after.claim, before.claim);
    const size = await stack.cluster.kubectl(
      "-n",
      namespace,
      "get",
      "pvc",
      "vllm-models-cache",
      "-o",
      "jsonpath={.spec.resources.requests.storage}",
    );
    assert.equal(size, "40Gi");
  });

  it("to a smaller claim is refused at preview and deletes nothing", async () => {
    const before = await uids();
    stack.configure({ pvcSize: "20Gi" });
    const { exitCode, text } = await stack.preview();
    assert.notEqual(exitCode, 0, text);
    assert.match(text, /A claim cannot shrink: set `pvcSize` to its present size or more\./);
    stack.configure({ pvcSize: "40Gi" });
    assert.deepEqual(await uids(), before);
  });

  it("to a larger claim fails with a reason where its class cannot expand", async () => {
    const fixed = await TestStack.create("changes-fixed", { config: { storageClassName: "simulated-fixed" } });
    try {
      const first = await fixed.up();
      assert.equal(first.exitCode, 0, first.text);
      fixed.configure({ pvcSize: "40Gi" });
      const { exitCode, text } = await fixed.up();
      assert.notEqual(exitCode, 0, text);
      assert.match(text, /The claim's storage class cannot grow volumes: set `pvcSize` back/);
    } finally {
      fixed.configure({ pvcSize: "30Gi" });
      await fixed.remove();
    }
  });
});
