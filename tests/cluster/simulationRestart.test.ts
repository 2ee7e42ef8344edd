/** A cluster that was stopped and is started again plays pods and admits Routes. It has a control plane of its own. */
import { equal, notDeepEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { KubernetesObject, V1Pod } from "@kubernetes/client-node";
import { startCluster, stopCluster } from "../../local/cluster";
import { simulate } from "../../local/simulation";
import { Api } from "../../local/simulation/api";
import type { Route } from "../../local/simulation/routes";
import { eventually } from "./simulatedCluster";

describe("the simulation, after a restart of its cluster", () => {
  const stateDir = mkdtempSync(path.join(tmpdir(), "vllm-restart-"));
  let api: Api;
  let kubeconfig: string;
  let first: (string | undefined)[];

  const start = async (): Promise<void> => {
    ({ kubeconfig } = await startCluster({ stateDir }));
    api = new Api(kubeconfig);
  };

  const refreshed = async (): Promise<(string | undefined)[]> => {
    const { items } = await api.list<KubernetesObject>("/apis/kwok.x-k8s.io/v1alpha1/stages");
    return items.map(({ metadata }) => metadata?.annotations?.["simulation/refreshed"]);
  };

  before(async () => {
    await start();
    first = await refreshed();
    await simulate(kubeconfig, "default", { pull: 0, download: 0, load: 0 });
    await stopCluster(stateDir);
    await start();
  });

  after(async () => {
    await stopCluster(stateDir);
    rmSync(stateDir, { recursive: true, force: true });
  });

  // KWOK may have read a part of its Stages only, and reads them anew when one changes.
  it("has had KWOK look at its Stages again", async () => {
    notDeepEqual(await refreshed(), first);
  });

  it("plays a pod", async () => {
    const spec = { containers: [{ name: "server", image: "none" }] };
    await api.create("/api/v1/namespaces/default/pods", { metadata: { name: "pod" }, spec });
    await eventually(
      () => api.list<V1Pod>("/api/v1/namespaces/default/pods"),
      ({ items: [pod] }) => pod?.status?.phase === "Running",
    );
  });

  it("takes a Route at once", async () => {
    const route = {
      apiVersion: "route.openshift.io/v1",
      kind: "Route",
      metadata: { name: "vllm" },
      spec: { to: { name: "vllm" } },
    };
    const made = await api.create<Route>("/apis/route.openshift.io/v1/namespaces/default/routes", route);
    equal(made.spec.host, "vllm-default.apps.local.test");
  });
});
