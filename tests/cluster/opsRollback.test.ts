/** `ops rollback` on the embedded cluster: what it shows, what it does, and that state and configuration agree afterwards. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { ops } from "./opsCommand";
import { TestStack } from "../../harness/stack";

const coder = { modelId: "Qwen/Qwen2.5-Coder-7B-Instruct" };

describe("ops rollback", () => {
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create("rollback");
  });
  after(() => stack.remove());

  const file = (): string => readFileSync(path.join(stack.directory, "Pulumi.test.yaml"), "utf8");
  const args = (name = "vllm"): Promise<string> =>
    stack.cluster.kubectl(
      "-n",
      "rollback",
      "get",
      "deployment",
      name,
      "-o",
      "jsonpath={.spec.template.spec.containers[0].args}",
    );

  it("has nothing to go back to before the second `up`", async () => {
    const none = await ops(stack, "rollback", "--yes");
    assert.equal(none.exitCode, 3, none.text);
    assert.match(none.text, /No `pulumi up` of stack 'test' has succeeded yet/);
    const first = await stack.up();
    assert.equal(first.exitCode, 0, first.text);
    const { exitCode, text } = await ops(stack, "rollback", "--yes");
    assert.equal(exitCode, 3, text);
    assert.match(text, /None of the last 1 updates of stack 'test' that succeeded had another image, model or server/);
  });

  it("shows what it would set back, and changes nothing without a yes", async () => {
    stack.configure({ maxModelLen: 16_384 });
    const second = await stack.up();
    assert.equal(second.exitCode, 0, second.text);
    const before = file();
    const { exitCode, text } = await ops(stack, "rollback");
    assert.equal(exitCode, 2, text);
    assert.match(text, /maxModelLen +16384 → 32768/);
    assert.match(text, /add --yes/);
    assert.equal(file(), before);
    assert.match(await args(), /16384/);
  });

  it("does it by Pulumi: file, state and cluster agree", async () => {
    const { exitCode, text } = await ops(stack, "rollback", "--yes");
    assert.equal(exitCode, 0, text);
    assert.match(await args(), /32768/);
    assert.doesNotMatch(file(), /maxModelLen/);
    const nothing = await stack.preview("--refresh", "--expect-no-changes");
    assert.equal(nothing.exitCode, 0, nothing.text);
  });

  it("sets one of several models back, and touches no other", async () => {
    const up = async (models: object): Promise<void> => {
      stack.configure({ models });
      const { exitCode, text } = await stack.up();
      assert.equal(exitCode, 0, text);
    };
    await up({ vllm: {}, coder });
    await up({ vllm: { maxNumSeqs: 64 }, coder: { ...coder, maxNumSeqs: 32 } });
    const which = await ops(stack, "rollback", "--yes");
    assert.equal(which.exitCode, 2, which.text);
    assert.match(which.text, /has several models\. Say which one with `--model <name>`: vllm, coder/);
    const { exitCode, text } = await ops(stack, "rollback", "--yes", "--model", "coder");
    assert.equal(exitCode, 0, text);
    assert.match(await args("coder"), /"--max-num-seqs","128"/);
    assert.match(await args("vllm"), /"--max-num-seqs","64"/);
    const status = await ops(stack, "status", "--model", "coder");
    assert.equal(status.exitCode, 0, status.text);
  });
});
