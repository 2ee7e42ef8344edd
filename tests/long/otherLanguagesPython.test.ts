/**
 * The package in plugin/ from Python, where its language host is: Pulumi publishes that with the CLI alone, so that this is skipped where the CLI was built.
 */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { canaryToken, TestStack } from "../../harness/stack";

const plugin = path.resolve(__dirname, "../../plugin");
const namespace = "in-python";

describe("a program in Python", () => {
  let stack: TestStack;
  before(async function () {
    const { exitCode } = await execa("which", ["pulumi-language-python"], { reject: false });
    if (exitCode !== 0) return this.skip();
    const runtime = { name: "python", options: { toolchain: "pip", virtualenv: "venv" } };
    stack = await TestStack.create(namespace, { project: namespace, yaml: { runtime } });
    cpSync(path.join(__dirname, "programs/python"), stack.directory, { recursive: true });
    const { kubeconfig, context } = stack.cluster;
    Object.assign(stack.env, {
      TEST_KUBECONFIG: kubeconfig,
      TEST_CONTEXT: context,
      TEST_NAMESPACE: namespace,
      TEST_TOKEN: canaryToken,
    });
  });
  after(() => stack?.remove());

  it("gets an SDK by `pulumi package add`, and brings up a model with it", async () => {
    await execa("pulumi", ["package", "add", plugin], { cwd: stack.directory, env: stack.env });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.doesNotMatch(text, new RegExp(canaryToken));
    assert.deepEqual(await stack.outputs(), {
      url: `https://vllm-${namespace}.apps.local.test`,
      names: ["Qwen/Qwen2.5-7B-Instruct-AWQ", "Qwen2.5-7B-Instruct-AWQ"],
    });
  });
});
