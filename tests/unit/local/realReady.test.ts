import assert from "node:assert/strict";
import type { V1Pod } from "@kubernetes/client-node";
import { areProbed } from "../../../local/real/ready";

/** As kubelet 1.34.2 counted them, ten seconds after it had been started again beside a model that served. */
const metrics = `# TYPE prober_probe_total counter
prober_probe_total{container="server",namespace="vllm-inference",pod="vllm-58684f8d98-w5khq",pod_uid="49a0b10a",probe_type="Liveness",result="successful"} 1
prober_probe_total{container="server",namespace="vllm-inference",pod="vllm-58684f8d98-w5khq",pod_uid="49a0b10a",probe_type="Readiness",result="successful"} 3
prober_probe_total{container="server",namespace="vllm-inference",pod="vllm-58684f8d98-w5khq",pod_uid="49a0b10a",probe_type="Startup",result="successful"} 1
`;
const without = (type: string): string => metrics.replace(new RegExp(`^.*probe_type="${type}".*\n`, "m"), "");

function pod(ready: "True" | "False", probe = true): V1Pod {
  const server = { name: "server", ...(probe && { readinessProbe: { httpGet: { path: "/health", port: 8000 } } }) };
  return {
    metadata: { uid: "49a0b10a" },
    spec: { containers: [server] },
    status: { conditions: [{ type: "Ready", status: ready }] },
  };
}

describe("a pod that is said to be ready after a kubelet's start", () => {
  it("is so once the kubelet counts a readiness probe that it has passed", () => {
    assert.ok(areProbed([pod("True")], metrics));
    assert.ok(!areProbed([pod("True")], without("Readiness")));
    assert.ok(
      !areProbed([pod("True")], metrics.replace('"Readiness",result="successful"', '"Readiness",result="failed"')),
    );
    assert.ok(!areProbed([pod("True")], metrics.replaceAll("49a0b10a", "another")));
  });

  it("is believed where it has no such probe", () => {
    assert.ok(areProbed([pod("True", false)], ""));
  });

  it("is not asked for where it is not ready: that is waited for by others", () => {
    assert.ok(areProbed([pod("False")], ""));
  });
});
