import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { stoppedText } from "../../components/readiness/interruption";
import { simulate } from "../../local/simulation";
import { TestStack } from "./stack";

describe("an interrupted wait", () => {
  const namespace = "interrupted";
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create(namespace);
    await simulate(stack.cluster.kubeconfig, namespace, { load: 600 });
  });
  after(() => stack.remove());

  /** Interrupts an `up` that waits for the model to load. */
  async function interrupted(
    kill: (pid: number) => void,
  ): Promise<{ text: string; seconds: number; exitCode?: number }> {
    const args = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack.name];
    const { directory: cwd, env } = stack;
    // In a process group of its own, as a shell starts it.
    const up = execa("pulumi", args, { cwd, env, all: true, reject: false, stdin: "ignore", detached: true });
    let text = "";
    up.all.on("data", (chunk: Buffer) => (text += chunk.toString()));
    let ended = false;
    void up.then(() => (ended = true));
    while (!text.includes("vllm: loading") && !ended) await sleep(100);
    assert.ok(up.pid !== undefined && text.includes("vllm: loading"), text);
    const began = performance.now();
    kill(up.pid);
    const { exitCode } = await up;
    const seconds = (performance.now() - began) / 1000;
    return { text, seconds, ...(exitCode !== undefined && { exitCode }) };
  }

  const cases = [
    {
      title: "by Ctrl-C, which reaches every process of the terminal",
      kill: (pid: number) => process.kill(-pid, "SIGINT"),
    },
    { title: "by SIGINT to the CLI alone", kill: (pid: number) => process.kill(pid, "SIGINT") },
  ];
  for (const { title, kill } of cases) {
    it(`${title}, ends within 5 s with its reason`, async () => {
      const { text, seconds, exitCode } = await interrupted(kill);
      assert.notEqual(exitCode, 0, text);
      assert.ok(text.includes(stoppedText), text);
      assert.ok(!/\bat .*\.[jt]s:\d+/.test(text), text);
      assert.ok(seconds <= 5, `${seconds} s from the signal to the end:\n${text}`);
    });
  }

  it("is taken up by the next up", async () => {
    await simulate(stack.cluster.kubeconfig, namespace, { load: 0 });
    await stack.cluster.kubectl("-n", namespace, "delete", "pod", "--all", "--wait=false");
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
  });
});
