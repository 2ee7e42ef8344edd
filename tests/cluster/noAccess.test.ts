import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { TestStack } from "./stack";

describe("a cluster that cannot be changed", () => {
  let stack: TestStack;
  let config: (...args: string[]) => Promise<unknown>;
  const namespace = "no-access";
  before(async () => {
    stack = await TestStack.create(namespace);
    const kubeconfig = path.join(stack.directory, "kubeconfig");
    copyFileSync(stack.cluster.kubeconfig, kubeconfig);
    config = (...args) => execa("kubectl", ["--kubeconfig", kubeconfig, "config", ...args], { env: stack.env });
    const token = await stack.cluster.kubectl("-n", "default", "create", "token", "default");
    const { stdout: cluster } = await execa(
      "kubectl",
      ["--kubeconfig", kubeconfig, "config", "view", "-o", "jsonpath={.contexts[0].context.cluster}"],
      { env: stack.env },
    );
    await config("set-credentials", "nobody", `--token=${token}`);
    await config("set-context", "nobody", `--cluster=${cluster}`, "--user=nobody");
    await config("set-cluster", "away", "--server=https://127.0.0.1:1");
    await config("set-context", "away", "--cluster=away", "--user=nobody");
    stack.configure({ kubeconfig });
  });
  after(() => stack.remove());

  const made = async (): Promise<string> =>
    stack.cluster.kubectl("get", "namespace", namespace, "--ignore-not-found", "-o", "name");

  it("because it does not answer: a preview needs none, and up says so and records nothing as made", async () => {
    stack.configure({ kubeContext: "away" });
    const preview = await stack.preview();
    assert.equal(preview.exitCode, 0, preview.text);
    const { exitCode, text } = await stack.up();
    assert.notEqual(exitCode, 0, text);
    assert.match(text, /context 'away'/);
    assert.ok(!/\bat .*\.[jt]s:\d+/.test(text), text);
    const state = await stack.pulumi("stack", "export");
    assert.ok(!state.includes("core/v1:Namespace"), state);
  });

  it("because the user may nothing: a preview shows what would be, and up creates nothing", async () => {
    stack.configure({ kubeContext: "nobody" });
    const preview = await stack.preview();
    assert.equal(preview.exitCode, 0, preview.text);
    const { exitCode, text } = await stack.up();
    assert.notEqual(exitCode, 0, text);
    assert.match(text, /You may not create the namespace no-access/);
    assert.equal(await made(), "");
  });
});
