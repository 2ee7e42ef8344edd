import assert from "node:assert/strict";
import type { Finding } from "../../../components/readiness/finding";
import { findings } from "../../../components/readiness/findings";
import { newMemory } from "../../../components/readiness/memory";
import { standing } from "../../../components/readiness/phase";
import { emptySnapshot, type PodView, type RouteView, type Snapshot } from "../../../components/readiness/snapshot";
import { target } from "./play";

const expected = { uid: "d", generation: 1 };
const counters = { replicas: 1, totalReplicas: 1, updatedReplicas: 1, availableReplicas: 1 };
const deployed: Snapshot = { ...emptySnapshot(0), deployment: { ...expected, observedGeneration: 1, ...counters } };

describe("where a start-up stands once the pod is ready", () => {
  const host = "vllm.apps.example.com";
  function stands(...ingress: RouteView["ingress"]): string {
    const snapshot: Snapshot = {
      ...deployed,
      missingRights: ["list pods"],
      route: { uid: "r", host, ingress },
    };
    const { phase, detail } = standing(snapshot, target, expected);
    return `${phase}: ${detail}`;
  }

  it("is before its Route, which no router has admitted, or one as another host", () => {
    const refuses = { host, admitted: "False" };
    const exposes = { host: "edge.example.com", admitted: "True" };
    assert.equal(stands(refuses), "route: Route vllm is not admitted yet");
    assert.equal(stands(refuses, exposes), `route: Route vllm is exposed as edge.example.com, not as ${host}`);
    assert.equal(stands(refuses, exposes, { host, admitted: "True" }), "ready: the pods are available");
  });
});

describe("where a start-up stands whose pod has a node", () => {
  /** Recorded of kube-scheduler 1.34.2 on a busy machine: it had bound the pod, and tried it once more. */
  const late = {
    type: "PodScheduled",
    status: "False",
    reason: "SchedulerError",
    message:
      "pod ab6c19f6-9e10-4aef-a2ef-892e1206fb0e(vllm-inference/vllm-6fd8675c8f-zbq69) is in the cache, so can't be assumed",
  };

  function stands(pod: Partial<PodView>): { phase: string; found: Finding[] } {
    const snapshot: Snapshot = {
      ...deployed,
      replicaSets: [{ name: "vllm-1", uid: "r", current: true }],
      route: { uid: "o", host: "vllm", ingress: [{ host: "vllm", admitted: "True" }] },
      pods: [{ name: "vllm-1-a", uid: "p", owner: "r", ...pod }],
    };
    return {
      phase: standing(snapshot, target, expected).phase,
      found: findings(snapshot, newMemory(Infinity), target, expected, { unschedulableSeconds: 0 }),
    };
  }

  it("is what its conditions say, whatever the scheduler says of it by then", () => {
    const ready = { type: "Ready", status: "True" };
    assert.deepEqual(stands({ node: "gpu-worker-0", conditions: [late, ready] }), { phase: "ready", found: [] });
    const full = {
      ...late,
      reason: "Unschedulable",
      message: "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.",
    };
    assert.deepEqual(stands({ node: "gpu-worker-0", conditions: [full, ready] }), { phase: "ready", found: [] });
  });

  it("is the scheduler's word while it has none", () => {
    assert.equal(stands({ conditions: [late] }).phase, "scheduling");
  });
});
