import assert from "node:assert/strict";
import { symptom } from "../../components/symptoms";
import { simulate } from "../../local/simulation";
import { TestStack } from "./stack";

describe("a Route that no router takes up", () => {
  it("ends up after `routeAdmissionTimeoutSeconds` with its symptom, and the next up goes on", async () => {
    const namespace = "route-unseen";
    const stack = await TestStack.create(namespace, { config: { routeAdmissionTimeoutSeconds: 5 } });
    try {
      await simulate(stack.cluster.kubeconfig, namespace, { fault: "route-unseen" });
      const { exitCode, text, seconds } = await stack.up();
      assert.equal(exitCode, 1, text);
      const row = symptom("route-not-admitted");
      assert.ok(text.includes(`route has taken 5 s, its limit is 5 s; most likely ${row.title}.`), text);
      assert.ok(text.includes(`What to do: ${row.remedy}.`), text);
      assert.ok(seconds < 30, `up took ${seconds} s`);

      await simulate(stack.cluster.kubeconfig, namespace, { fault: undefined });
      const again = await stack.up();
      assert.equal(again.exitCode, 0, again.text);
    } finally {
      await stack.remove();
    }
  });
});
