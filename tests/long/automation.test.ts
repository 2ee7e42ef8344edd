import assert from "node:assert/strict";
import path from "node:path";
import { execa } from "execa";
import { TestStack } from "../../harness/stack";

const root = path.resolve(__dirname, "../..");

describe("a program of the Automation API that runs twice in one process", () => {
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create("twice", { project: "twice", main: path.join(__dirname, "programs/twice") });
    const { kubeconfig, context } = stack.cluster;
    Object.assign(stack.env, { TEST_KUBECONFIG: kubeconfig, TEST_CONTEXT: context, TEST_NAMESPACE: "twice" });
  });
  after(async () => {
    await stack.cluster.kubectl("-n", "default", "delete", "configmap", "twice", "--ignore-not-found");
    stack.removeFolder();
  });

  it("waits for nothing in the second run because the first was refused", async () => {
    const program = [path.join(root, "shared/register.cjs"), path.join(__dirname, "programs/twice/main.ts")] as const;
    const { exitCode, all } = await execa("node", ["-r", ...program], {
      cwd: root,
      env: stack.env,
      all: true,
      reject: false,
      // Longer than any machine takes: it ends by itself, or never.
      timeout: 600_000,
    });
    assert.equal(exitCode, 0, all);
    assert.match(all, /ConfigMap note created/);
    const namespaces = await stack.cluster.kubectl("get", "namespaces", "-o", "name");
    assert.doesNotMatch(namespaces, /twice/);
  });
});
