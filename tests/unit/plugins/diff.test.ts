import assert from "node:assert/strict";
import { compare, isBelow, parsePath, pathText, prune } from "../../../local/plugins/kubernetes/diff";
import { Unknown, type ValueMap } from "../../../local/plugins/shared/wire";

/** The changes as `path: kind`, with a `!` where the object must be replaced. */
function changes(old: ValueMap, news: ValueMap, oldInputs: ValueMap = old, immutable: string[] = []): string[] {
  return [...compare(old, news, oldInputs, immutable)].map(
    ([path, { kind, replace }]) => `${path}: ${kind}${replace ? "!" : ""}`,
  );
}

describe("diff of the kubernetes stand-in", () => {
  it("names each changed leaf by its path", () => {
    const old = {
      metadata: { labels: { "a.b/c": "1", gone: "x" } },
      spec: { containers: [{ image: "a" }, { image: "b" }] },
    };
    const news = { metadata: { labels: { "a.b/c": "2" } }, spec: { containers: [{ image: "c" }], replicas: 1 } };
    assert.deepEqual(changes(old, news), [
      'metadata.labels["a.b/c"]: update',
      "metadata.labels.gone: delete",
      "spec.containers[0].image: update",
      "spec.containers[1]: delete",
      "spec.replicas: add",
    ]);
  });

  it("takes an unknown for a change", () => {
    assert.deepEqual(changes({ a: "1" }, { a: new Unknown(), b: new Unknown() }), ["a: update", "b: add"]);
  });

  it("takes an unknown above an immutable field for a change of that field", () => {
    const old = { spec: { selector: { app: "x" }, replicas: 1 }, data: { a: "1" } };
    const news = { spec: new Unknown(), data: new Unknown() };
    assert.deepEqual(changes(old, news, old, ["spec.selector"]), ["spec: update!", "data: update"]);
  });

  it("sees no change in a quantity written another way, and only there", () => {
    const limits = (cpu: string | number, memory: string) => ({ limits: { cpu, memory } });
    assert.deepEqual(changes(limits("1", "1Gi"), limits("1000m", "1024Mi")), []);
    assert.deepEqual(changes(limits("2", "1Gi"), limits(2, "1Gi")), []);
    assert.deepEqual(changes(limits("1", "1Gi"), limits("1", "2Gi")), ["limits.memory: update"]);
    assert.deepEqual(changes({ data: { memory: "1Gi" } }, { data: { memory: "1024Mi" } }), ["data.memory: update"]);
  });

  it("sees no change in a zero value that the server did not store", () => {
    const inputs = { hostNetwork: false, nodeSelector: {}, env: [] };
    assert.deepEqual(changes({}, inputs, inputs), []);
  });

  it("sees a zero value that is new", () => {
    assert.deepEqual(changes({}, { runAsUser: 0, enableServiceLinks: false }, {}), [
      "runAsUser: add",
      "enableServiceLinks: add",
    ]);
  });

  it("asks for a replacement at, below and above an immutable field", () => {
    const immutable = ["spec.selector"];
    assert.deepEqual(changes({ spec: { selector: { a: "1" } } }, { spec: { selector: { a: "2" } } }, {}, immutable), [
      "spec.selector.a: update!",
    ]);
    assert.deepEqual(changes({ spec: { selector: { a: "1" } } }, {}, {}, immutable), ["spec: delete!"]);
    assert.deepEqual(changes({ spec: { selectors: 1 } }, { spec: { selectors: 2 } }, {}, immutable), [
      "spec.selectors: update",
    ]);
  });

  it("cuts the live object down to what the inputs set", () => {
    const live = {
      spec: { replicas: 3, paused: false, containers: [{ image: "a", ports: [1] }, { image: "sidecar" }] },
    };
    const inputs = { spec: { replicas: 1, containers: [{ image: "b" }] }, absent: 1 };
    assert.deepEqual(prune(live, inputs), { spec: { replicas: 3, containers: [{ image: "a" }] } });
  });

  it("reads the property paths that it writes", () => {
    for (const path of [
      ["a", "b", 0, "c"],
      ["metadata", "annotations", "a.b/c"],
      ["x", 'say "hi"'],
    ]) {
      assert.deepEqual(parsePath(pathText(path)), path);
    }
    assert.throws(() => parsePath("a..b"), /'a\.\.b' must be a property path/);
  });

  it("lets an ignored path cover what lies below, and * every item", () => {
    assert.ok(isBelow(parsePath("spec.replicas"), parsePath("spec")));
    assert.ok(isBelow(parsePath("spec.containers[1].image"), parsePath("spec.containers[*].image")));
    assert.ok(!isBelow(parsePath("spec"), parsePath("spec.replicas")));
  });
});
