import assert from "node:assert/strict";
import { standing } from "../../../components/readiness/phase";
import { emptySnapshot, type RouteView, type Snapshot } from "../../../components/readiness/snapshot";
import { target } from "./play";

describe("where a start-up stands once the pod is ready", () => {
  const expected = { uid: "d", generation: 1 };
  const host = "vllm.apps.example.com";
  function stands(...ingress: RouteView["ingress"]): string {
    const counters = { replicas: 1, totalReplicas: 1, updatedReplicas: 1, availableReplicas: 1 };
    const snapshot: Snapshot = {
      ...emptySnapshot(0),
      deployment: { ...expected, observedGeneration: 1, ...counters },
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
