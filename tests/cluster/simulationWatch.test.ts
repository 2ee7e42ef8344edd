import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { testCluster } from "../../harness/cluster";
import { Api } from "../../local/simulation/api";

describe("a watch of the simulation", () => {
  it("bears a silence that is longer than an idle connection is kept", async () => {
    const { kubeconfig, kubectl } = await testCluster();
    const lines: string[] = [];
    const stop = new AbortController();
    const ended = new Api(kubeconfig)
      .watch("/api/v1/namespaces/default/configmaps?watch=true", (line) => lines.push(line), stop.signal)
      .catch((error: unknown) => error);
    // Node's agent gives an idle connection 5 s: https://nodejs.org/api/http.html#httpglobalagent
    const early = await Promise.race([ended, sleep(6_000, "goes on")]);
    assert.equal(early, "goes on");
    const name = `watched-${Math.random().toString(36).slice(2, 8)}`;
    await kubectl("create", "configmap", name, "-n", "default");
    try {
      while (!lines.some((line) => line.includes(name))) await sleep(50);
    } finally {
      stop.abort();
      await kubectl("delete", "configmap", name, "-n", "default");
    }
  });
});
