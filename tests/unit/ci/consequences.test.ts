import assert from "node:assert/strict";
import { gatewayLosses, gatewayRestart, inferenceLosses, inferenceRestart, lossesOf } from "../../../ci/consequences";
import { readEvents } from "../../../ci/events";
import { markdown } from "../../../ci/markdown";
import { gateway } from "../../../ci/projects";
import type { Change, PreviewReport } from "../../../ci/report";
import { resolveArgs } from "../../../components/args/resolve";
import { deployment, report } from "./samples";

describe("what a change means", () => {
  const args = resolveArgs("vllm", { modelId: "Qwen/Qwen2.5-7B-Instruct-AWQ" });
  const phases = (...changes: Change[]): string[] | undefined =>
    inferenceRestart(changes, [args]).restart?.phases.map(({ what, seconds }) => `${what.split(" (")[0]} ${seconds}`);

  it("is no restart while the pod's template stays as it is", () => {
    assert.equal(phases(deployment("metadata.labels.team")), undefined);
    assert.equal(phases({ operation: "create", kind: "Deployment", name: "vllm", fields: [] }), undefined);
  });

  it("is a restart within the stack's limits when the template changes", () => {
    assert.deepEqual(phases(deployment("spec.template.spec.containers[server].args --max-model-len")), [
      "the old pod stops and the new one is made 660",
      "the new pod finds a node 600",
      "the model is loaded 805",
    ]);
  });

  it("names what the pod reads by what it is, and not by its checksum", () => {
    const path = (name: string): string => `spec.template.metadata.annotations["vllm-inference/${name}-checksum"]`;
    const because = inferenceRestart([deployment(path("chat-template"), path("api-key"), path("other"))], [args])
      .restart?.because;
    assert.deepEqual(because, ["the chat template", "the API key", path("other")]);
  });

  it("adds the pull of another image and the download of another model", () => {
    const image = "spec.template.spec.containers[server].image";
    const model = "spec.template.spec.initContainers[model-downloader].env[MODEL_ID].value";
    assert.deepEqual(phases(deployment(image, model)), [
      "the old pod stops and the new one is made 660",
      "the new pod finds a node 600",
      "the new image is pulled 1800",
      "the model is downloaded 3600",
      "the model is loaded 805",
    ]);
  });

  it("is the end of the model when the Deployment is deleted", () => {
    assert.deepEqual(phases({ ...deployment(), operation: "delete" }), []);
  });

  it("names which of several models restart, and takes as long as the slowest", () => {
    const coder = resolveArgs("coder", { modelId: "Qwen/Qwen2.5-Coder-7B-Instruct" });
    const of = (...changes: Change[]): PreviewReport => ({ ...report, ...inferenceRestart(changes, [args, coder]) });
    const change = (name: string, path: string): Change => ({ ...deployment(path), name });
    const load = "spec.template.spec.containers[server].args --max-model-len";
    const model = "spec.template.spec.initContainers[model-downloader].env[MODEL_ID].value";
    const { restart } = of(change("vllm", load), change("coder", model));
    assert.deepEqual(restart?.names, ["vllm", "coder"]);
    assert.deepEqual(restart.because, [`vllm: ${load}`, `coder: ${model}`]);
    assert.ok(restart.phases.some(({ what }) => what.startsWith("the model is downloaded")));
    assert.match(markdown(of(change("coder", load))), /\*\*the model `coder` is away meanwhile\*\*/);
    const gone = of({ ...change("coder", load), operation: "delete" });
    assert.match(markdown(gone), /\*\*The model `coder` goes away\*\*, and no other/);
  });

  it("names what is lost with a claim, a namespace, a key and a Route, and nothing that is only updated", () => {
    const of = (operation: Change["operation"]): string[] =>
      lossesOf(
        ["PersistentVolumeClaim", "Namespace", "RandomPassword", "Route", "ConfigMap"].map((kind) => ({
          operation,
          kind,
          name: "x",
          fields: [],
        })),
        inferenceLosses,
      );
    assert.deepEqual(of("update"), []);
    assert.equal(of("delete").length, 4);
    assert.equal(
      of("replace")[0],
      "PersistentVolumeClaim x (replace): the downloaded model: the next start downloads it again",
    );
  });
});

describe("what a change of a gateway means", () => {
  it("is no outage while its Deployment is only updated", () => {
    const rolled = gatewayRestart([deployment("spec.replicas", "spec.template.spec.volumes[config].configMap.name")]);
    assert.deepEqual(rolled, {
      rollout: { because: ["spec.template.spec.volumes[config].configMap.name"], stopSeconds: 300 },
    });
    assert.deepEqual(gatewayRestart([deployment("spec.replicas")]), {});
    assert.match(
      markdown({ ...report, ...rolled }),
      /replaced without an outage[\s\S]*an old one answers until a new one/,
    );
  });

  it("is one where the Deployment is made anew, or goes away", () => {
    const of = (operation: Change["operation"]): PreviewReport => ({
      ...report,
      ...gatewayRestart([{ ...deployment(), operation }]),
    });
    assert.deepEqual(of("replace").rollout, undefined);
    assert.match(markdown(of("replace")), /\*\*the gateway is away meanwhile\*\*[\s\S]*for at most 15 min/);
    assert.match(markdown(of("delete")), /The gateway goes away\*\*, and no other/);
  });

  it("names what is lost with its key, which is the clients', and with its namespace, in which no model lies", () => {
    const gone = ["RandomPassword", "Namespace", "ConfigMap"].map((kind): Change => {
      return { operation: "replace", kind, name: "x", fields: [] };
    });
    assert.deepEqual(lossesOf(gone, gatewayLosses), [
      "RandomPassword x (replace): the master key, which is the clients' key: every client needs the new one",
      "Namespace x (replace): everything in the namespace",
    ]);
  });

  it("names the aliases that go", () => {
    const events = { ...readEvents(""), previous: { aliases: ["a", "b"] } };
    const lost = (aliases: unknown): string[] => gateway.consequences({ ...events, next: { aliases } }, {}, "").losses;
    assert.deepEqual(lost(["b", "c"]), ["alias a: who asks for it is refused"]);
    assert.deepEqual(gateway.consequences({ ...events, next: undefined }, {}, "").losses, []);
  });
});
