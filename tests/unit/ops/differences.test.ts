import assert from "node:assert/strict";
import { resolveArgs } from "../../../components/args/resolve";
import { changed, wantedObjects } from "../../../ops/stack/differences";

describe("the comparison of live objects with the stack's", () => {
  const texts = (wanted: unknown, live: unknown): string[] => changed(wanted, live).map(({ text }) => text);

  it("finds a changed field, by its path", () => {
    assert.deepEqual(texts({ spec: { replicas: 1 } }, { spec: { replicas: 3 } }), [
      "spec.replicas is 3, the stack wants 1",
    ]);
  });

  it("finds what is gone", () => {
    assert.deepEqual(texts({ metadata: { labels: { app: "vllm" } } }, { metadata: {} }), [
      'metadata.labels is unset, the stack wants {"app":"vllm"}',
    ]);
  });

  it("takes what the cluster has added for no difference", () => {
    const live = { spec: { replicas: 1, revisionHistoryLimit: 10, list: [{ name: "a", value: "1", more: true }] } };
    assert.deepEqual(texts({ spec: { replicas: 1, list: [{ name: "a", value: "1" }] } }, live), []);
  });

  it("pairs elements of a list by their names, whatever their order", () => {
    const wanted = [
      { name: "a", value: "1" },
      { name: "b", value: "2" },
    ];
    const live = [
      { name: "x", value: "0" },
      { name: "b", value: "2" },
      { name: "a", value: "9" },
    ];
    assert.deepEqual(texts(wanted, live), ["[a].value is 9, the stack wants 1"]);
  });

  it("shows a list without names as a whole when it differs", () => {
    const wanted = { args: ["--a", "1"] };
    assert.deepEqual(texts(wanted, { args: ["--a", "2"] }), ['args is ["--a","2"], the stack wants ["--a","1"]']);
  });

  it("never prints a long text", () => {
    assert.deepEqual(texts({ data: "a\nb" }, { data: "c\nd\ne" }), ["data is another text"]);
    assert.deepEqual(texts({ data: "a\nb" }, {}), ["data is unset, the stack wants a text of 2 lines"]);
  });

  it("knows each object of the stack, with its Secrets' names but without their content", () => {
    const args = resolveArgs("vllm", { hfToken: "hf_secretSecretSecret" });
    const objects = wantedObjects(args);
    assert.deepEqual(
      objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
      [
        "Namespace/vllm-inference",
        "ServiceAccount/vllm-sa",
        "Role/vllm-anyuid",
        "RoleBinding/vllm-anyuid",
        "Secret/vllm-hf-token",
        "Secret/vllm-api-key",
        "PersistentVolumeClaim/vllm-models-cache",
        "ConfigMap/vllm-downloader",
        "ConfigMap/vllm-published",
        "Service/vllm",
        "Deployment/vllm",
        "Route/vllm",
      ],
    );
    assert.ok(!JSON.stringify(objects).includes("hf_secret"));
  });
});
