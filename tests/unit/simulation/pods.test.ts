import { deepEqual, equal } from "node:assert/strict";
import type { V1ConfigMap } from "@kubernetes/client-node";
import { annotationsFor, type Existing } from "../../../local/simulation/pods";
import { pod } from "./support";

const settings = (data: Record<string, string> = {}, resourceVersion = "9"): V1ConfigMap => ({
  metadata: { resourceVersion },
  data,
});

describe("what a simulated pod lacks", () => {
  const key = { data: { token: "", "api-key": "" } };
  const all: Existing = {
    secrets: new Map([
      ["team/vllm-hf-token", key],
      ["team/vllm-api-key", key],
    ]),
    configMaps: new Map([["team/vllm-downloader", {}]]),
    runtimeClasses: new Map(),
    settings: settings(),
  };
  const lacks = (existing: Partial<Existing>, one = pod()) => annotationsFor(one, { ...all, ...existing });

  it("is nothing when everything exists", () => {
    equal(lacks({}), undefined);
    deepEqual(lacks({}, pod({}, { "simulation/references": "unchecked" })), { "simulation/references": "checked" });
  });

  it("is said per container in a kubelet's words", () => {
    deepEqual(lacks({ secrets: new Map() }), {
      "simulation/missing-model-downloader": 'secret "vllm-hf-token" not found',
      "simulation/missing-server": 'secret "vllm-api-key" not found',
    });
    deepEqual(lacks({ secrets: new Map([...all.secrets, ["team/vllm-api-key", { data: { token: "" } }]]) }), {
      "simulation/missing-server": "couldn't find key api-key in Secret team/vllm-api-key",
    });
  });

  it("may be a volume's source", () => {
    deepEqual(lacks({ configMaps: new Map() }), {
      "simulation/missing-volume":
        'MountVolume.SetUp failed for volume "script" : configmap "vllm-downloader" not found',
    });
  });

  it("may be a runtime handler, but not that of a class without one", () => {
    const one = pod();
    one.spec!.runtimeClassName = "nvidia";
    deepEqual(lacks({ runtimeClasses: new Map([["/nvidia", { handler: "nvidia" }]]) }, one), {
      "simulation/missing-handler": "nvidia",
    });
    equal(lacks({ runtimeClasses: new Map([["/nvidia", { handler: "crun" }]]) }, one), undefined);
  });

  it("is taken back when it appears", () => {
    deepEqual(lacks({}, pod({}, { "simulation/missing-server": "x" })), { "simulation/missing-server": null });
  });

  it("follows the settings, but not back behind those that admission has seen", () => {
    const one = pod({}, { "simulation/fault": "image-not-found", "simulation/settings-version": "9" });
    deepEqual(lacks({}, one), { "simulation/fault": "none" });
    equal(lacks({ settings: settings({}, "8") }, one), undefined);
    equal(lacks({ settings: settings({ "team.fault": "image-not-found" }, "10") }, one), undefined);
  });

  it("is not looked for in pods that are older than the simulation, or over", () => {
    equal(lacks({ secrets: new Map() }, { ...pod(), metadata: { name: "old" } }), undefined);
    equal(lacks({ secrets: new Map() }, pod({ phase: "Succeeded" })), undefined);
  });
});
