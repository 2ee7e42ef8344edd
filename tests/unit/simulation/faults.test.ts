import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { faults, fill, terminationMessage, valuesOf } from "../../../local/simulation/faults";
import { loadObjects } from "../../../local/simulation";
import { faultStages, loadStages } from "../../../local/simulation/stages";
import { pathOf } from "../../../local/simulation/api";
import { checkFault } from "../../../local/simulation/pods";
import { findSymptom, symptoms } from "../../../components/symptoms";
import { ending } from "../../../components/readiness/exits";
import { target } from "../readiness/play";
import { pod } from "./support";

/** The faults that the readiness gate is tested with. */
const promised = [
  "image-not-found",
  "image-credentials",
  "downloader-permission-denied",
  "downloader-offline",
  "downloader-unauthorized",
  "downloader-disk-full",
  "downloader-not-found",
  "server-vllm-port",
  "server-unknown-argument",
  "server-cuda",
  "server-out-of-memory",
  "server-oom-killed",
  "missing-secret",
  "route-rejected",
  "route-unseen",
  "runtime-handler",
];

describe("simulated faults", () => {
  for (const name of promised) {
    it(`${name} exists, and somebody plays it`, () => {
      const fault = faults[name];
      ok(fault);
      if (fault.kind === "process") return void ok(fault.what);
      const stages = faultStages(name, fault);
      ok(stages.length > 0);
      for (const stage of stages) deepEqual(stage.spec.selector.matchAnnotations, { "simulation/fault": name });
    });
  }

  for (const [name, fault] of Object.entries(faults)) {
    if (fault.kind !== "crash" || fault.container !== "model-downloader") continue;
    it(`${name} ends with the downloader's own exit code for what its last line says`, () => {
      match(fault.log.at(-1) ?? "", new RegExp(`^model-downloader: error: ${name.replace("downloader-", "")}: `));
      const row = symptoms.find(({ exitCodes }) => exitCodes?.includes(fault.exitCode));
      equal(row?.area, "downloader");
    });
  }

  /** Faults whose row in the symptom table has another name, or whose cause has two ways to show itself. */
  const rows: Record<string, string> = {
    "server-cuda": "server-cuda-requirement",
    "server-cuda-requirement": "container-gpu-requirement",
  };
  for (const [name, fault] of Object.entries(faults)) {
    if (fault.kind === "process") continue;
    it(`${name} is recognised by its own row of the symptom table`, () => {
      const values = valuesOf(pod());
      const area = { image: "image", create: "container" } as const;
      if (fault.kind !== "crash")
        return equal(findSymptom(area[fault.kind], { text: fill(fault.message, values) })?.id, rows[name] ?? name);
      const words = fault.log.map((line) => fill(line, values));
      equal(ending({ name: fault.container }, fault, words, target).symptom.id, rows[name] ?? name);
    });
  }

  it("keep of an engine's crash what a kubelet keeps, which does not reach its cause", () => {
    const fault = faults["server-out-of-memory"];
    ok(fault?.kind === "crash");
    const kept = terminationMessage(fault.log);
    equal(Buffer.byteLength(kept), 2048);
    ok(fault.log.join("\n").includes("CUDA out of memory") && !kept.includes("CUDA out of memory"));
    ok(JSON.stringify(faultStages("server-out-of-memory", fault)).includes("Failed core proc(s): {}"));
  });

  it("fills in the pod's model, mount and image", () => {
    const values = valuesOf(pod());
    equal(
      fill("{model} {mount} {image} {repository} {tag} {other}", values),
      "acme/model /models registry.example/rhaiis/vllm:3 registry.example/rhaiis/vllm 3 {other}",
    );
  });

  it("knows a repository's port from a tag", () => {
    const one = pod();
    one.spec!.initContainers![0]!.image = "registry.example:5000/a/b@sha256:00";
    deepEqual([valuesOf(one)["repository"], valuesOf(one)["tag"]], ["registry.example:5000/a/b", "00"]);
  });

  it("names the faults that exist when asked for another", () => {
    equal(checkFault("image-not-found"), undefined);
    match(checkFault("image-lost") ?? "", /^'fault' \(image-lost\) must be one of image-not-found, /);
  });
});

describe("simulated objects and Stages", () => {
  it("are of kinds that can be applied, each under its own name", () => {
    const paths = [...loadObjects(), ...loadStages()].map(pathOf);
    equal(new Set(paths).size, paths.length);
  });

  it("leave no placeholder of a template unfilled", () => {
    for (const stage of loadStages()) ok(!/@\w+@/.test(JSON.stringify(stage)), stage.metadata?.name);
  });

  it("select pods that live, or pods that are being deleted, but never both", () => {
    for (const stage of loadStages().filter(({ spec }) => spec.resourceRef.kind === "Pod")) {
      match(JSON.stringify(stage.spec), /deletionTimestamp (==|!=) null/, stage.metadata?.name);
    }
  });

  it("refuse a kind that has no path", () => {
    throws(() => pathOf({ kind: "Widget" }), /kind Widget/);
  });
});
