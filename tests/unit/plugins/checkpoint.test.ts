import assert from "node:assert/strict";
import { checkpoint, markSecrets, parseCheckpoint } from "../../../local/plugins/kubernetes/checkpoint";
import { Secret } from "../../../local/plugins/shared/wire";

const notes = { fieldManager: "pulumi-kubernetes-1", initialApiVersion: "v1" };

describe("state of the kubernetes stand-in", () => {
  it("keeps a Secret's content secret even where the program did not ask for it", () => {
    const live = { apiVersion: "v1", kind: "Secret", data: { token: "YQ==" } };
    const state = checkpoint(live, live, live, notes);
    assert.deepEqual(state["data"], new Secret({ token: "YQ==" }));
    assert.deepEqual((state["__inputs"] as typeof state)["data"], new Secret({ token: "YQ==" }));
  });

  it("marks a value by its path, and a list with one secret as a whole", () => {
    const from = { spec: { env: [{ value: new Secret("a") }], plain: "b" }, note: new Secret("c") };
    assert.deepEqual(
      markSecrets({ spec: { env: [{ value: "a" }, { value: "x" }], plain: "b" }, note: "c", uid: "u" }, from),
      {
        spec: { env: new Secret([{ value: "a" }, { value: "x" }]), plain: "b" },
        note: new Secret("c"),
        uid: "u",
      },
    );
  });

  it("does not take another kind's data for a Secret's", () => {
    const map = { apiVersion: "v1", kind: "ConfigMap", data: { a: "1" } };
    assert.deepEqual(markSecrets(map, map), map);
  });

  it("reads back what it wrote", () => {
    const inputs = { apiVersion: "v1", kind: "ConfigMap", data: { a: new Secret("1") } };
    const live = { apiVersion: "v1", kind: "ConfigMap", data: { a: "1" }, metadata: { uid: "u" } };
    assert.deepEqual(parseCheckpoint(checkpoint(inputs, live, inputs, notes)), {
      inputs: { apiVersion: "v1", kind: "ConfigMap", data: { a: "1" } },
      live,
      ...notes,
    });
  });
});
