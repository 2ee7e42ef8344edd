import assert from "node:assert/strict";
import { immutableFields } from "../../../local/plugins/kubernetes/immutable";

const mutable = { secretMutable: true, configMapMutable: true };
const asDefault = { secretMutable: false, configMapMutable: false };
const identity = ["metadata.name", "metadata.namespace"];

describe("immutable fields of the kubernetes stand-in", () => {
  const secret = { apiVersion: "v1", kind: "Secret" };
  const map = { apiVersion: "v1", kind: "ConfigMap" };

  it("replaces a Secret or ConfigMap for its content by default", () => {
    assert.deepEqual(immutableFields(secret, asDefault), [...identity, "type", "stringData", "data"]);
    assert.deepEqual(immutableFields(map, asDefault), [...identity, "binaryData", "data"]);
  });

  it("does not where the provider says that they are mutable, unless the object says otherwise", () => {
    assert.deepEqual(immutableFields(secret, mutable), [...identity, "type"]);
    assert.deepEqual(immutableFields(map, mutable), identity);
    assert.deepEqual(immutableFields({ ...map, immutable: true }, mutable), [...identity, "binaryData", "data"]);
  });

  const cases: [string, string, string][] = [
    ["apps/v1", "Deployment", "spec.selector"],
    ["v1", "PersistentVolumeClaim", "spec.storageClassName"],
    ["v1", "Service", "spec.clusterIP"],
    ["rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef"],
  ];
  for (const [apiVersion, kind, field] of cases) {
    it(`replaces a ${kind} for ${field}`, () => {
      assert.ok(immutableFields({ apiVersion, kind }, mutable).includes(field));
    });
  }

  it("lets a claim grow in place", () => {
    const fields = immutableFields({ apiVersion: "v1", kind: "PersistentVolumeClaim" }, mutable);
    assert.ok(!fields.some((field) => "spec.resources.requests.storage".startsWith(field)));
  });
});
