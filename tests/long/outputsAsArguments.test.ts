import assert from "node:assert/strict";
import path from "node:path";
import { TestStack } from "../../harness/stack";

describe("a component whose namespace, Secret, claim and image are Outputs", () => {
  const wanted = "outputs-as-arguments";
  let stack: TestStack;
  const digest = `registry.redhat.io/rhaii/vllm-cuda-rhel9@sha256:${"1".repeat(64)}`;
  before(async () => {
    const main = path.join(__dirname, "programs/ownNamespace");
    stack = await TestStack.create(wanted, { main, project: wanted });
    const { kubeconfig, context } = stack.cluster;
    Object.assign(stack.env, { TEST_KUBECONFIG: kubeconfig, TEST_CONTEXT: context, TEST_NAMESPACE: wanted });
  });
  after(async () => {
    await stack.destroy();
    stack.removeFolder();
  });

  it("is previewed before any of them is known", async () => {
    const { exitCode, text } = await stack.preview();
    assert.equal(exitCode, 0, text);
    assert.match(text, /Deployment vllm-deployment create/);
  });

  it("ends with all that is wrong with them once they are known, and makes nothing", async () => {
    Object.assign(stack.env, { TEST_IMAGE: "no image", TEST_ARGS: JSON.stringify({ requireImageDigest: true }) });
    const { exitCode, text } = await stack.up();
    assert.notEqual(exitCode, 0);
    assert.match(text, /1 mistake in the arguments of 'vllm':\s+- 'image' \(no image\) must be an image reference/);
    assert.doesNotMatch(text, /failed to register|\.ts:\d+/);
    const made = await stack.cluster.kubectl("get", "deployments,services", "-A", "-l", "app=vllm", "-o", "name");
    assert.doesNotMatch(made, new RegExp(wanted));
  });

  it("comes up where they say, and has nothing to change afterwards", async () => {
    Object.assign(stack.env, { TEST_IMAGE: digest, TEST_ARGS: JSON.stringify({ imageLine: "3.5" }) });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    const { url, internalUrl, where } = await stack.outputs();
    assert.match(String(where), new RegExp(`^${wanted}-`));
    assert.equal(url, `https://vllm-${String(where)}.apps.local.test`);
    assert.equal(internalUrl, `http://vllm.${String(where)}.svc:8000`);
    const spec =
      "jsonpath={.spec.template.spec.containers[0].image} {.spec.template.spec.volumes[*].persistentVolumeClaim.claimName}";
    const [image, claim] = (
      await stack.cluster.kubectl("-n", String(where), "get", "deployment", "vllm", "-o", spec)
    ).split(" ");
    assert.equal(image, digest);
    assert.match(String(claim), /^models-/);
    const again = await stack.preview("--expect-no-changes", "--refresh");
    assert.equal(again.exitCode, 0, again.text);
  });

  it("keeps its claim where the Secret with the token is made anew", async () => {
    Object.assign(stack.env, {
      TEST_IMAGE: digest,
      TEST_ARGS: JSON.stringify({ imageLine: "3.5", existingClaim: "" }),
    });
    const first = await stack.up();
    assert.equal(first.exitCode, 0, first.text);
    const { where } = await stack.outputs();
    const claim = ["-n", String(where), "get", "pvc", "vllm-models-cache", "-o", "jsonpath={.metadata.uid}"];
    const uid = await stack.cluster.kubectl(...claim);
    Object.assign(stack.env, { TEST_SECRET_TYPE: "example.com/token" });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.match(text, /Secret token replaced/);
    assert.equal(await stack.cluster.kubectl(...claim), uid);
  });

  it("is told why it does not come up, by the names that they have", async () => {
    Object.assign(stack.env, { TEST_ARGS: JSON.stringify({ imageLine: "3.5", nodeSelector: { pool: "none" } }) });
    const { exitCode, text } = await stack.up();
    assert.notEqual(exitCode, 0);
    const { where } = await stack.outputs();
    assert.match(text, /gpu-worker-0 lacks pool=none/);
    assert.match(text, new RegExp(String(where)));
    assert.doesNotMatch(text, /known-later/);
  });
});
