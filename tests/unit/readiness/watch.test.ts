import assert from "node:assert/strict";
import { ApiError } from "../../../components/cluster/apiError";
import type { Diagnosis } from "../../../components/readiness/diagnose";
import { watch } from "../../../components/readiness/watch";
import { type FakeCluster, paths, pod, rolledOut, servingStatus } from "./fakeCluster";
import { defaultLimits, target } from "./play";

const expected = { uid: "deployment-uid", generation: 2 };
const loadingStatus = {
  phase: "Running",
  conditions: [{ type: "PodScheduled", status: "True" }],
  containerStatuses: [{ name: "server", ready: false, started: false, restartCount: 0, state: { running: {} } }],
};

interface Run {
  verdict: string;
  phases: string[];
  lost: string[];
  missing: string[];
  diagnosis: Diagnosis;
}

/** Runs the watch on a clock of its own; `between` changes the cluster before the n-th look. */
async function run(cluster: FakeCluster, between: (look: number) => void = () => undefined): Promise<Run> {
  let clock = 0;
  let look = 0;
  const phases: string[] = [];
  const lost: string[] = [];
  const { diagnosis, snapshot } = await watch({
    client: cluster,
    target,
    expected,
    limits: defaultLimits,
    onDiagnosis: ({ phase }) => phases.at(-1) === phase || phases.push(phase),
    onLost: (reason) => lost.push(reason),
    upSeconds: 20,
    now: () => clock,
    sleep: (ms) => {
      clock += ms;
      between(++look);
      return Promise.resolve();
    },
  });
  return { verdict: diagnosis.verdict.kind, phases, lost, missing: snapshot.missingRights, diagnosis };
}

describe("the watch over a start-up", () => {
  it("is ready when the new ReplicaSet's pod is, whatever revision the old one has", async () => {
    const { verdict } = await run(rolledOut([pod("vllm-1", "new", servingStatus)]));
    assert.equal(verdict, "ready");
  });

  it("takes an old ReplicaSet's Ready pod for what it is, and waits until it is gone", async () => {
    const cluster = rolledOut([pod("vllm-0", "old", servingStatus)]);
    const { phases } = await run(cluster, (look) => {
      if (look === 3) cluster.objects.set(paths.pods, { items: [pod("vllm-1", "new", servingStatus)] });
    });
    assert.deepEqual(phases, ["replacing", "ready"]);
  });

  it("asks for the events of its own objects only, and for the log of what runs", async () => {
    const cluster = rolledOut([pod("vllm-1", "new", loadingStatus)]);
    cluster.texts.set(`${paths.pods}/vllm-1/log`, "Loading shards\nhf_abcdefgh\n");
    const { diagnosis } = await run(cluster, (look) => {
      if (look === 2) cluster.objects.set(paths.pods, { items: [pod("vllm-1", "new", servingStatus)] });
    });
    assert.equal(diagnosis.verdict.kind, "ready");
    const events = cluster.requests.filter((request) => request.startsWith(paths.events));
    assert.ok(
      events.every((request) => /fieldSelector=involvedObject.uid%3D(new|vllm-1)$/.test(request)),
      events.join("\n"),
    );
    assert.ok(cluster.requests.some((request) => request.includes("/log?container=server&timestamps=true&tailLines=")));
  });

  it("survives a lost connection, an expired answer and a busy server", async () => {
    const cluster = rolledOut([pod("vllm-1", "new", loadingStatus)]);
    const gone = new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:6443") });
    cluster.failures = [gone, new ApiError(410, "Gone"), new ApiError(429, "slow down"), new ApiError(503, "starting")];
    const { verdict, lost } = await run(cluster, (look) => {
      if (look === 6) cluster.objects.set(paths.pods, { items: [pod("vllm-1", "new", servingStatus)] });
    });
    assert.equal(verdict, "ready");
    assert.deepEqual(lost, ["connect ECONNREFUSED 127.0.0.1:6443", "Gone", "slow down", "starting"]);
  });

  it("ends at a mistake of its own, which no wait heals, and asks for a report", async () => {
    const unreadable = { ...loadingStatus, containerStatuses: [null] };
    const cluster = rolledOut([pod("vllm-1", "new", unreadable)]);
    await assert.rejects(
      run(cluster),
      /^Error: Cannot judge whether vllm becomes ready, by a mistake in this program itself: TypeError: .* \(at .*view\.ts:\d+:\d+\)\)\. .* please report this line/,
    );
  });

  it("gives up when the cluster has not answered for five minutes", async () => {
    const cluster = rolledOut([]);
    cluster.failures = Array.from({ length: 5000 }, () => new TypeError("fetch failed"));
    await assert.rejects(run(cluster), /^Error: The cluster has not answered for 30\d s: fetch failed$/);
  });

  it("does without the rights to logs and events, and names them", async () => {
    const crashed = {
      ...loadingStatus,
      containerStatuses: [
        {
          name: "server",
          restartCount: 0,
          state: { waiting: { reason: "CrashLoopBackOff" } },
          lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
        },
      ],
    };
    const cluster = rolledOut([pod("vllm-1", "new", crashed)]);
    cluster.forbidden = /\/log$|\/events$/;
    const { diagnosis, missing } = await run(cluster);
    assert.ok(diagnosis.verdict.kind === "doomed");
    assert.equal(diagnosis.verdict.finding.symptom.id, "server-oom-killed");
    assert.deepEqual(missing.sort(), ["get pods/log", "list events"]);
  });

  it("says which right is missing when the Deployment itself may not be read", async () => {
    const cluster = rolledOut([]);
    cluster.forbidden = /deployments/;
    await assert.rejects(run(cluster), {
      message:
        `Cannot see whether vllm becomes ready: cannot read ${paths.deployment}. The account needs the right to get deployments in ` +
        "namespace 'vllm-inference'; ask its admin for the role 'view' or 'edit'.",
    });
  });

  it("reads the nodes only while a pod finds none, and says which one is out of reach", async () => {
    const unschedulable = {
      conditions: [
        {
          type: "PodScheduled",
          status: "False",
          reason: "Unschedulable",
          message: "0/1 nodes are available: 1 node(s) had untolerated taint(s).",
        },
      ],
    };
    const cluster = rolledOut([pod("vllm-1", "new", unschedulable)]);
    const taints = [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }];
    cluster.objects.set(paths.nodes, {
      items: [{ metadata: { name: "gpu-0" }, spec: { taints }, status: { allocatable: { "nvidia.com/gpu": "8" } } }],
    });
    const { diagnosis } = await run(cluster);
    assert.ok(diagnosis.verdict.kind === "doomed");
    assert.equal(diagnosis.verdict.finding.symptom.id, "node-taint");
    assert.match(diagnosis.verdict.finding.evidence, /gpu-0 has the taint nvidia.com\/gpu=present:NoSchedule/);
    const ready = rolledOut([pod("vllm-1", "new", servingStatus)]);
    await run(ready);
    assert.ok(!ready.requests.some((request) => request.startsWith(paths.nodes)));
  });

  it("looks at the GPU operator's DaemonSets where no node offers a GPU, and names those that are not ready", async () => {
    const unschedulable = {
      conditions: [
        {
          type: "PodScheduled",
          status: "False",
          reason: "Unschedulable",
          message: "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.",
        },
      ],
    };
    const cluster = rolledOut([pod("vllm-1", "new", unschedulable)]);
    cluster.objects.set(paths.nodes, {
      items: [{ metadata: { name: "gpu-0" }, spec: {}, status: { allocatable: {} } }],
    });
    const daemonSet = (name: string, numberReady: number): object => ({
      metadata: { name, namespace: "nvidia-gpu-operator" },
      status: { desiredNumberScheduled: 1, numberReady },
    });
    cluster.objects.set("/apis/apps/v1/daemonsets", {
      items: [
        daemonSet("nvidia-driver-daemonset", 0),
        daemonSet("nvidia-dcgm-exporter", 0),
        daemonSet("nvidia-device-plugin-daemonset", 1),
      ],
    });
    const { diagnosis } = await run(cluster);
    assert.ok(diagnosis.verdict.kind === "doomed");
    assert.equal(diagnosis.verdict.finding.symptom.id, "gpu-operator");
    assert.match(
      diagnosis.verdict.finding.evidence,
      /not ready: nvidia-gpu-operator\/nvidia-driver-daemonset \(0 of 1 ready\)\)$/,
    );
  });

  describe("over a ReplicaSet whose pod was refused before it began", () => {
    const refused = (made: string): FakeCluster => {
      const cluster = rolledOut([]);
      const message = "pods is forbidden: exceeded quota: gpus";
      const { items } = cluster.objects.get(paths.replicaSets) as { items: { metadata: Record<string, unknown> }[] };
      for (const set of items.filter(({ metadata }) => metadata.uid === "new")) {
        set.metadata.creationTimestamp = made;
        Object.assign(set, { status: { conditions: [{ type: "ReplicaFailure", status: "True", message }] } });
      }
      return cluster;
    };
    const [old, fresh] = ["2026-01-01T00:00:10Z", "2026-01-01T00:00:58Z"];

    it("has it try again at once, and is ready when the quota was raised", async () => {
      const cluster = refused(old);
      const { verdict } = await run(cluster, (look) => {
        if (look === 4) cluster.objects.set(paths.pods, { items: [pod("vllm-1", "new", servingStatus)] });
      });
      assert.equal(verdict, "ready");
      assert.deepEqual(cluster.writes, [
        `PATCH ${paths.replicaSets}/new {"metadata":{"annotations":{"vllm-inference/retried-at":"1970-01-01T00:00:00.000Z"}}}`,
      ]);
    });

    it("takes what stays after that attempt for a doom", async () => {
      const { diagnosis } = await run(refused(old));
      assert.ok(diagnosis.verdict.kind === "doomed");
      assert.equal(diagnosis.verdict.finding.symptom.id, "quota-exceeded");
      assert.ok(diagnosis.phaseSeconds <= 12);
    });

    it("waits for the controller's own attempt where it may not write", async () => {
      const cluster = refused(old);
      cluster.forbidden = /replicasets\/new$/;
      const { verdict } = await run(cluster, (look) => {
        if (look === 100) cluster.objects.set(paths.pods, { items: [pod("vllm-1", "new", servingStatus)] });
      });
      assert.equal(verdict, "ready");
    });

    it("writes nothing for one that this `up` has made", async () => {
      const cluster = refused(fresh);
      await run(cluster);
      assert.deepEqual(cluster.writes, []);
    });
  });

  it("ends within the sleep when it is stopped", async () => {
    const cluster = rolledOut([pod("vllm-1", "new", loadingStatus)]);
    const stopped = watch({
      client: cluster,
      target,
      expected,
      limits: defaultLimits,
      onDiagnosis: () => undefined,
      onLost: () => undefined,
      upSeconds: 20,
      now: Date.now,
      sleep: () => Promise.reject(new Error("stopped")),
    });
    await assert.rejects(stopped, /stopped/);
  });
});
