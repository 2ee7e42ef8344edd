import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { simulate } from "../../local/simulation";
import { TestStack } from "./stack";

describe("an interrupted wait", () => {
  it("ends with a reason, and the next up goes on waiting", async () => {
    const namespace = "interrupted";
    const stack = await TestStack.create(namespace);
    try {
      await simulate(stack.cluster.kubeconfig, namespace, { load: 600 });
      const up = stack.start("up", "--yes", "--skip-preview", "--non-interactive");
      while (!(await isLoading(stack))) await sleep(250);
      up.kill("SIGINT");
      const result = await up;
      assert.notEqual(result.exitCode, 0);
      assert.match(String(result.all), /stopped waiting, as asked/);
      assert.ok(!/\bat .*\.[jt]s:\d+/.test(String(result.all)), String(result.all));

      await simulate(stack.cluster.kubeconfig, namespace, { load: 0 });
      await stack.cluster.kubectl("-n", namespace, "delete", "pod", "--all", "--wait=false");
      const again = await stack.up();
      assert.equal(again.exitCode, 0, again.text);
    } finally {
      await stack.remove();
    }
  });
});

async function isLoading({ cluster, namespace }: TestStack): Promise<boolean> {
  const started =
    "jsonpath={.items[*].status.containerStatuses[*].started}{.items[*].status.containerStatuses[*].state.running.startedAt}";
  const state = await cluster.kubectl("-n", namespace, "get", "pods", "-o", started).catch(() => "");
  return state.includes("Z");
}
