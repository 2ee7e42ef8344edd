import assert from "node:assert/strict";
import type { Finding } from "../../../components/readiness/finding";
import { findings } from "../../../components/readiness/findings";
import { newMemory } from "../../../components/readiness/memory";
import { nothingKept, readSnapshot } from "../../../components/readiness/read";
import { lastWords } from "../../../components/readiness/report";
import { type FakeCluster, paths, pod, rolledOut } from "./fakeCluster";
import { defaultLimits, target } from "./play";

const root = "ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization`.";
const end = "RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}";
/** A whole log: its cause stands further above the end than a kubelet's 2,048 bytes reach. */
const crash = [
  "(EngineCore_DP0 pid=84) Traceback (most recent call last):",
  '(EngineCore_DP0 pid=84)   File "core.py", line 866, in run_engine_core',
  `(EngineCore_DP0 pid=84) ${root}`,
  "Traceback (most recent call last):",
  ...Array.from({ length: 60 }, (_, index) => `  File "api_server.py", line ${index}, in run_server_worker_and_wait`),
  end,
].join("\n");
const exit = { terminated: { exitCode: 1, reason: "Error", message: crash.slice(-2048) } };
const fresh = "INFO Starting to load model\nLoading safetensors checkpoint shards: 0%\n";
const log = `${paths.pods}/p/log`;

function serverOf(container: Record<string, unknown>): FakeCluster {
  const conditions = [{ type: "PodScheduled", status: "True" }];
  const containerStatuses = [{ name: "server", ready: false, restartCount: 0, ...container }];
  return rolledOut([pod("p", "new", { phase: "Running", conditions, containerStatuses })]);
}

async function found(cluster: FakeCluster, kept = nothingKept()): Promise<{ finding: Finding; words: string[] }> {
  const snapshot = await readSnapshot(cluster, target, Date.now(), kept);
  const expected = { uid: "deployment-uid", generation: 2 };
  const [finding] = findings(snapshot, newMemory(Infinity), target, expected, defaultLimits);
  assert.ok(finding);
  return { finding, words: lastWords(finding, snapshot) };
}

describe("the log of a run that has ended", () => {
  it("is read as the previous one once the container runs again; the new run's lines are nobody's last words", async () => {
    const cluster = serverOf({ restartCount: 1, state: { running: {} }, lastState: exit });
    cluster.texts.set(log, fresh);
    cluster.previousTexts.set(log, crash);
    const { finding, words } = await found(cluster);
    assert.equal(finding.symptom.id, "server-no-cache-memory");
    assert.ok(cluster.requests.some((request) => request.includes("previous=true")));
    assert.ok(words.some((line) => line.endsWith(root)) && !words.some((line) => line.includes("Loading")));
  });

  it("is what the kubelet kept of it where it cannot be had", async () => {
    const cluster = serverOf({ restartCount: 1, state: { running: {} }, lastState: exit });
    cluster.texts.set(log, fresh);
    const { words } = await found(cluster);
    assert.equal(words.at(-1), end);
    assert.ok(!words.some((line) => line.includes("Loading")));
  });

  it("is not the next run's, which began between the two reads", async () => {
    const cluster = serverOf({ state: exit });
    cluster.texts.set(log, fresh);
    const { words } = await found(cluster);
    assert.equal(words.at(-1), end);
  });

  it("is read once", async () => {
    const cluster = serverOf({ state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: exit });
    cluster.previousTexts.set(log, crash);
    const kept = nothingKept();
    for (let look = 0; look < 3; look++) await found(cluster, kept);
    assert.equal(cluster.requests.filter((request) => request.startsWith(log)).length, 1);
  });

  it("is asked for with fewer lines where the kubelet's limit has cut its end off", async () => {
    const cluster = serverOf({ state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: exit });
    cluster.previousTexts.set(log, `${"x".repeat(1024 * 1024)}\n${crash}`);
    await found(cluster);
    const asked = cluster.requests.filter((request) => request.startsWith(log));
    assert.ok(asked.length > 1 && /tailLines=500/.test(asked[1] ?? ""), asked.join("\n"));
  });
});

describe("what a pod without a node is told of the cluster", () => {
  const pending = (): FakeCluster => {
    const message = "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.";
    const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }];
    return rolledOut([pod("p", "new", { conditions })]);
  };
  const node = (allocatable: Record<string, string>): object => ({
    metadata: { name: "gpu-a" },
    status: { allocatable },
  });

  it("is which slices the nodes have where none has a whole GPU", async () => {
    const cluster = pending();
    cluster.objects.set(paths.nodes, { items: [node({ "nvidia.com/mig-3g.20gb": "2", cpu: "32" })] });
    const { finding } = await found(cluster);
    assert.equal(finding.symptom.id, "gpu-resource");
    assert.match(finding.evidence, /gpu-a has 2 × nvidia\.com\/mig-3g\.20gb/);
    assert.match(finding.symptom.remedy, /`gpuResource`/);
  });

  it("is who holds the GPU, and that nothing adds nodes", async () => {
    const cluster = pending();
    cluster.objects.set(paths.nodes, { items: [node({ "nvidia.com/gpu": "1" })] });
    const limits = { "nvidia.com/gpu": "1" };
    const holder = {
      metadata: { name: "trainer", namespace: "team-a" },
      spec: { containers: [{ resources: { limits } }] },
    };
    cluster.objects.set("/api/v1/pods", { items: [holder] });
    const { finding } = await found(cluster);
    assert.match(finding.evidence, /gpu-a has 1, not that many of them free \(held by team-a\/trainer\)/);
    assert.ok(finding.patience < 4);
  });

  for (const [what, path, body] of [
    ["a machine autoscaler", "/apis/autoscaling.openshift.io/v1beta1/machineautoscalers", { items: [{}] }],
    ["Karpenter", "/apis/karpenter.sh/v1/nodepools", { items: [{}] }],
    ["a cluster-autoscaler", "/api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status", { data: {} }],
    [
      "a hosted control plane, whose autoscaler is not seen",
      "/apis/config.openshift.io/v1/infrastructures/cluster",
      { status: { controlPlaneTopology: "External" } },
    ],
  ] as const) {
    it(`waits as the setting says where nodes may be added: ${what}`, async () => {
      const cluster = pending();
      cluster.objects.set(paths.nodes, { items: [node({ "nvidia.com/gpu": "1" })] });
      cluster.objects.set("/api/v1/pods", { items: [] });
      cluster.objects.set(path, body);
      const { finding } = await found(cluster);
      assert.equal(finding.patience, defaultLimits.unschedulableSeconds);
    });
  }

  it("waits as the setting says where that may not be seen", async () => {
    const cluster = pending();
    cluster.objects.set(paths.nodes, { items: [node({ "nvidia.com/gpu": "1" })] });
    cluster.forbidden = /machineautoscalers|\/api\/v1\/pods$/;
    const { finding } = await found(cluster);
    assert.equal(finding.patience, defaultLimits.unschedulableSeconds);
  });
});
