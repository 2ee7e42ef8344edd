/** Several models of one stack, of which one cannot start, or for which there are not enough GPUs at once. */
import assert from "node:assert/strict";
import { connectTo, startTestCluster, stopTestCluster } from "../../harness/cluster";
import { TestStack } from "../../harness/stack";
import { ops } from "../cluster/opsCommand";

const coder = { modelId: "Qwen/Qwen2.5-Coder-7B-Instruct" };
const nowhere = { ...coder, nodeSelector: { gpu: "of-nobody" } };

interface Told {
  models: Record<string, { routeUrl: string; modelId: string }>;
  apiKeys: Record<string, string>;
}

describe("a model that cannot start, beside one that can", () => {
  let stack: TestStack;
  // Of its own: the pods of other tests would hold some of the GPUs that are counted here.
  let stateDir: string | undefined;
  before(async () => {
    stateDir = await startTestCluster(() => undefined);
    const cluster = await connectTo(stateDir);
    stack = await TestStack.create("together", { cluster, config: { models: { vllm: {}, coder: nowhere } } });
  });
  after(async () => {
    if (stateDir !== undefined) await stopTestCluster(stateDir);
    stack.removeFolder();
  });

  const told = async (): Promise<Told> => (await stack.outputs()) as unknown as Told;

  it("ends `up` with its name and the cause, once the other serves, which the outputs then tell", async () => {
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 1, text);
    assert.match(text, /coder cannot start: no node matches the node selector/);
    const { models, apiKeys } = await told();
    assert.deepEqual(Object.keys(models), ["vllm"]);
    assert.equal(models["vllm"]?.routeUrl, "https://vllm-together.apps.local.test");
    assert.match(apiKeys["vllm"] ?? "", /^[A-Za-z0-9]{40}$/);
    const state = await stack.pulumi("stack", "export");
    assert.ok(!state.includes(apiKeys["vllm"]!), "the state holds a key in plain text");
    const published = await stack.cluster.kubectl("-n", "together", "get", "configmaps", "-o", "name");
    assert.match(published, /configmap\/vllm-published/);
    assert.doesNotMatch(published, /configmap\/coder-published/);
  });

  it("is told of as soon as it serves", async () => {
    stack.configure({ models: { vllm: {}, coder } });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.deepEqual(Object.keys((await told()).models), ["coder", "vllm"]);
  });

  it("is told of as it was where it fails later, and the other as it is then", async () => {
    const before = await told();
    stack.configure({ models: { vllm: { servedModelNames: ["qwen"] }, coder: nowhere } });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 1, text);
    const { models, apiKeys } = await told();
    assert.deepEqual(models["coder"], before.models["coder"]);
    assert.deepEqual(apiKeys, before.apiKeys);
    assert.deepEqual((models["vllm"] as { servedModelNames?: string[] }).servedModelNames, [
      "Qwen/Qwen2.5-7B-Instruct-AWQ",
      "qwen",
    ]);
  });

  it("is said before anything begins to have no room beside the others, with how long the last start took", async () => {
    const large = { tensorParallelSize: 4, sharedMemorySize: "2Gi" };
    stack.configure({ models: { vllm: {}, coder, large, larger: large } });
    const { exitCode, text } = await stack.preview();
    assert.equal(exitCode, 0, text);
    const said = text.replaceAll(/\s+/g, " ");
    assert.match(said, /The models ask for 10 GPUs together \(coder 1, large 4, larger 4, vllm 1\)/);
    assert.match(
      said,
      /is an outage: take that one away with an `up` of its own first\. The last start took: .*vllm \d+ s/,
    );
    // Eight GPUs are enough once vllm is gone, and it goes last.
    const others = { pair: { tensorParallelSize: 2, sharedMemorySize: "2Gi" }, one: {} };
    stack.configure({ models: { coder, large, ...others } });
    const replaced = await stack.preview();
    assert.equal(replaced.exitCode, 0, replaced.text);
    assert.match(
      replaced.text.replaceAll(/\s+/g, " "),
      /vllm holds its GPUs until the end of this `up`, so the switch is an outage: .* The last start took: vllm \d+ s/,
    );
    stack.configure({ models: { vllm: {}, coder, large, larger: large } });
    const doctor = await ops(stack, "doctor", "--model", "vllm");
    assert.equal(doctor.exitCode, 1, doctor.text);
    assert.match(doctor.text, /ERROR +GPUs for all models: The models ask for 10 GPUs together/);
  });
});
