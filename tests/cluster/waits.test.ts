/** `up` waits for the model, whatever came before: an interruption, a failure, a replacement. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { stoppedText } from "../../components/readiness/interruption";
import { simulate } from "../../local/simulation";
import { TestStack } from "../../harness/stack";

const namespace = "waits";
let stack: TestStack;
before(async () => {
  stack = await TestStack.create(namespace);
  await simulate(stack.cluster.kubeconfig, namespace, { load: 600 });
});
after(() => stack.remove());

const kubectl = (...args: readonly string[]): Promise<string> => stack.cluster.kubectl("-n", namespace, ...args);

/** True when the one pod there is Ready and was made from what the Deployment says now. */
async function serves(): Promise<boolean> {
  const pods = JSON.parse(await kubectl("get", "pods", "-o", "json")) as {
    items: {
      status: { conditions: { type: string; status: string }[] };
      spec: { containers: { args: string[] }[] };
    }[];
  };
  const wanted = await kubectl("get", "deployment", "vllm", "-o", "jsonpath={.spec.template.spec.containers[0].args}");
  const [pod] = pods.items;
  const ready = pod?.status.conditions.some(({ type, status }) => type === "Ready" && status === "True");
  return pods.items.length === 1 && ready === true && JSON.stringify(pod?.spec.containers[0]?.args) === wanted;
}

describe("an interrupted wait", () => {
  /** Interrupts an `up` that waits for the model to load. */
  async function interrupted(kill: (pid: number) => void): Promise<{ text: string; exitCode: number | undefined }> {
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
    kill(up.pid);
    const { exitCode } = await up;
    return { text, exitCode };
  }

  /** The model, which takes 10 min to load, is still at it then. */
  async function endsAtOnce(kill: (pid: number) => void): Promise<void> {
    const { text, exitCode } = await interrupted(kill);
    assert.notEqual(exitCode, 0, text);
    assert.ok(text.includes(stoppedText), text);
    assert.ok(!/\bat .*\.[jt]s:\d+/.test(text), text);
    assert.equal(await serves(), false);
  }

  async function nextUpServes(): Promise<void> {
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.ok(await serves());
  }

  it("by Ctrl-C, which reaches every process of the terminal, ends at once with its reason", () =>
    endsAtOnce((pid) => process.kill(-pid, "SIGINT")));

  it("is followed by an update that comes while the pod is still starting, and waits until the new one is Ready", async () => {
    await simulate(stack.cluster.kubeconfig, namespace, { load: 1 });
    stack.configure({ maxNumSeqs: 70 });
    await nextUpServes();
  });

  it("by SIGINT to the CLI alone ends at once with its reason", async () => {
    await simulate(stack.cluster.kubeconfig, namespace, { load: 600 });
    stack.configure({ maxNumSeqs: 60 });
    await endsAtOnce((pid) => process.kill(pid, "SIGINT"));
  });

  it("is taken up by the very same up, which has nothing to change", async () => {
    await simulate(stack.cluster.kubeconfig, namespace, { load: 1 });
    await kubectl("delete", "pod", "--all", "--wait=false");
    await nextUpServes();
  });
});

describe("up waits until the new pod is Ready", () => {
  it("after a failed update whose configuration is reverted", async () => {
    await simulate(stack.cluster.kubeconfig, namespace, { fault: "server-unknown-argument" });
    stack.configure({ maxNumSeqs: 50 });
    const failed = await stack.up();
    assert.equal(failed.exitCode, 1, failed.text);
    await simulate(stack.cluster.kubeconfig, namespace, { fault: undefined });
    stack.configure({ maxNumSeqs: 60 });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.ok(await serves());
  });

  it("after a replacement of the Deployment", async () => {
    const uid = await kubectl("get", "deployment", "vllm", "-o", "jsonpath={.metadata.uid}");
    const urns = JSON.parse(await stack.pulumi("stack", "export")) as { deployment: { resources: { urn: string }[] } };
    const urn = urns.deployment.resources.find((resource) => resource.urn.endsWith("::vllm-deployment"))?.urn;
    assert.ok(urn);
    const { exitCode, text } = await stack.up("--target-replace", urn, "--target-dependents");
    assert.equal(exitCode, 0, text);
    assert.notEqual(await kubectl("get", "deployment", "vllm", "-o", "jsonpath={.metadata.uid}"), uid);
    assert.ok(await serves());
  });
});
