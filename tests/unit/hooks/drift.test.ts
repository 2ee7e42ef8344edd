import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { foreignFields, releasedFields } from "../../../components/hooks/drift";

const inputs = {
  metadata: { name: "vllm", labels: { app: "vllm" } },
  spec: { replicas: 1, template: { spec: { containers: [{ name: "server", image: "a" }] } } },
};
const image = {
  "f:spec": { "f:template": { "f:spec": { "f:containers": { 'k:{"name":"server"}': { ".": {}, "f:image": {} } } } } },
};
const replicas = { "f:spec": { "f:replicas": {} } };

function found(...managers: Parameters<typeof foreignFields>[1][number][]): object {
  return Object.fromEntries(foreignFields(inputs, managers));
}

describe("fields that another tool has changed", () => {
  it("are those of ours that it alone manages now", () => {
    const path = "spec.template.spec.containers[server].image";
    assert.deepEqual(found({ manager: "pulumi-kubernetes", fieldsV1: replicas }, { manager: "oc", fieldsV1: image }), {
      oc: [path],
    });
  });

  it("are told apart by tool", () => {
    assert.deepEqual(
      found(
        { manager: "oc", fieldsV1: replicas },
        { manager: "kubectl-edit", fieldsV1: { "f:metadata": { "f:labels": { "f:app": {} } } } },
      ),
      {
        oc: ["spec.replicas"],
        "kubectl-edit": ["metadata.labels.app"],
      },
    );
  });

  it("are not those that both manage with the same value", () => {
    assert.deepEqual(
      found({ manager: "pulumi-kubernetes-1a2b", fieldsV1: image }, { manager: "kubectl", fieldsV1: image }),
      {},
    );
  });

  it("are not those that this program never sets", () => {
    const revision = { "f:metadata": { "f:annotations": { "f:deployment.kubernetes.io/revision": {} } } };
    const other = {
      "f:spec": { "f:template": { "f:spec": { "f:containers": { 'k:{"name":"sidecar"}': { "f:image": {} } } } } },
    };
    const ports = { "f:metadata": { "f:finalizers": { 'v:"x"': {} } } };
    assert.deepEqual(
      found(...[revision, other, ports].map((fieldsV1) => ({ manager: "kube-controller-manager", fieldsV1 }))),
      {},
    );
  });

  it("are not the status, which controllers write", () => {
    assert.deepEqual(found({ manager: "kube-controller-manager", subresource: "status", fieldsV1: replicas }), {});
  });

  it("are what a manager of the subresource `scale` has set: only `status` is no drift", () => {
    assert.deepEqual(found({ manager: "kubectl", subresource: "scale", fieldsV1: replicas }), {
      kubectl: ["spec.replicas"],
    });
  });

  it("are named without their values where these are secret", () => {
    const secret = { data: pulumi.secret({ token: "x" }) };
    const fields = foreignFields(secret, [{ manager: "oc", fieldsV1: { "f:data": { "f:token": {} } } }]);
    assert.deepEqual([...fields], [["oc", ["data.token"]]]);
  });
});

describe("fields that nobody holds any more, as `kubectl scale` leaves them", () => {
  const before = { metadata: { name: "vllm" }, spec: { replicas: 1, progressDeadlineSeconds: 600 } };
  // What Kubernetes 1.34 left of our entry after `kubectl scale --replicas=0`; the controller's was for the status.
  const selector = { manager: "pulumi-kubernetes-1a2b3c4d", fieldsV1: { "f:spec": { "f:selector": {} } } };
  const scaled = { metadata: { name: "vllm" }, spec: { replicas: 0, progressDeadlineSeconds: 600 } };

  it("are named where the live value is another", () => {
    assert.deepEqual(releasedFields(before, before, scaled, [selector]), ["spec.replicas"]);
  });

  it("are named also after a refresh, by which the state knows the live value", () => {
    assert.deepEqual(releasedFields(scaled, before, scaled, [selector]), ["spec.replicas"]);
  });

  it("are not those with the value that is wanted, nor those that the program sets for the first time", () => {
    assert.deepEqual(releasedFields(before, scaled, scaled, [selector]), []);
    assert.deepEqual(
      releasedFields({ spec: { replicas: 1 } }, { spec: { paused: true } }, { spec: { paused: false } }, [selector]),
      [],
    );
  });

  it("are not those that a manager holds, who is named himself", () => {
    assert.deepEqual(releasedFields(before, before, scaled, [selector, { manager: "oc", fieldsV1: replicas }]), []);
    assert.deepEqual(releasedFields(scaled, before, scaled, [selector, { manager: "pulumi", fieldsV1: replicas }]), []);
  });

  it("are none of an object that was imported: the server's defaults have no manager either", () => {
    const imported = { manager: "kubectl-client-side-apply", fieldsV1: { "f:spec": { "f:selector": {} } } };
    assert.deepEqual(releasedFields(scaled, before, scaled, [imported]), []);
  });

  it("are told without looking at secrets, lists and kinds of objects", () => {
    const secret = { data: pulumi.secret({ token: "x" }), list: [1], kind: "Secret" };
    assert.deepEqual(
      releasedFields(secret, secret, { data: { token: "y" }, list: [2], kind: "Secret" }, [selector]),
      [],
    );
  });
});
