import assert from "node:assert/strict";
import { symptom } from "../../components/symptoms";
import { simulate } from "../../local/simulation";
import { TestStack } from "../../harness/stack";

describe("a Route that no router takes up", () => {
  const namespace = "route-unseen";
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create(namespace, {
      // Longer than the test may take: that an `up` ends is the proof that it did not wait for it.
      config: { nodeSelector: { pool: "none" }, routeAdmissionTimeoutSeconds: 7200 },
    });
    await simulate(stack.cluster.kubeconfig, namespace, { fault: "route-unseen" });
  });
  after(() => stack.remove());

  it("hides no pod that cannot start: up ends long before `routeAdmissionTimeoutSeconds`", async () => {
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 1, text);
    assert.ok(text.includes(`vllm cannot start: ${symptom("node-selector").title}.`), text);
    assert.deepEqual(await stack.outputs(), {}, "nobody is told of what nobody serves");
  });

  it("ends up after `routeAdmissionTimeoutSeconds` with its symptom", async () => {
    stack.configure({ nodeSelector: undefined, routeAdmissionTimeoutSeconds: 5 });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 1, text);
    const { title, remedy } = symptom("route-not-admitted");
    assert.match(text, /route has taken \d+ s, its limit is 5 s; most likely /);
    assert.ok(text.includes(`most likely ${title}.`), text);
    assert.ok(text.includes(`What to do: ${remedy}.`), text);
  });

  it("is waited for by the next up, whose outputs name the generated host", async () => {
    await simulate(stack.cluster.kubeconfig, namespace, { fault: undefined });
    // A busy router takes its time, too.
    stack.configure({ routeAdmissionTimeoutSeconds: 7200 });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.match(text, /routeHost +: "vllm-route-unseen\.apps\.local\.test"/);
  });
});
