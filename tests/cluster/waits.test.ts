import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { simulate } from "../../local/simulation";
import { TestStack } from "./stack";

describe("up waits until the new pod is Ready", () => {
  const namespace = "waits";
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create(namespace);
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
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
    const wanted = await kubectl(
      "get",
      "deployment",
      "vllm",
      "-o",
      "jsonpath={.spec.template.spec.containers[0].args}",
    );
    const [pod] = pods.items;
    const ready = pod?.status.conditions.some(({ type, status }) => type === "Ready" && status === "True");
    return pods.items.length === 1 && ready === true && JSON.stringify(pod?.spec.containers[0]?.args) === wanted;
  }

  it("after a failed update whose configuration is reverted", async () => {
    await simulate(stack.cluster.kubeconfig, namespace, { fault: "server-unknown-argument" });
    stack.configure({ maxNumSeqs: 50 });
    const failed = await stack.up();
    assert.equal(failed.exitCode, 1, failed.text);
    await simulate(stack.cluster.kubeconfig, namespace, { fault: undefined });
    stack.configure({ maxNumSeqs: undefined });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.ok(await serves());
  });

  it("after an update that came while the last one was still starting", async () => {
    await simulate(stack.cluster.kubeconfig, namespace, { load: 600 });
    stack.configure({ maxNumSeqs: 60 });
    const first = stack.start("up", "--yes", "--skip-preview", "--non-interactive");
    while (!(await kubectl("get", "pods", "-o", "jsonpath={.items[*].spec.containers[0].args}")).includes('"60"'))
      await sleep(250);
    first.kill("SIGINT");
    await first;
    await simulate(stack.cluster.kubeconfig, namespace, { load: 1 });
    stack.configure({ maxNumSeqs: 70 });
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
