import assert from "node:assert/strict";
import { resolveArgs } from "../../../components/args/resolve";
import { ApiError } from "../../../components/cluster/apiError";
import type { ClusterClient } from "../../../components/cluster/client";
import { losses } from "../../../ops/import/consequence";
import { adoptions, importFile, keepingConfig, type LiveObject, objection } from "../../../ops/import/plan";
import { appliedInputs, handBack, handedOver, handOver, useAppliedInputs } from "../../../ops/import/takeOver";

const args = resolveArgs("vllm", { namespace: "ns", hfToken: "x" });
const deployment = adoptions(args).find(({ kind }) => kind === "Deployment")!;
const annotation = "kubectl.kubernetes.io/last-applied-configuration";

describe("the import of the old script's deployment", () => {
  it("takes what has kept its name", () => {
    assert.deepEqual(
      adoptions(args).map(({ resource, kind, name }) => `${resource}: ${kind}/${name}`),
      [
        "vllm-service-account: ServiceAccount/vllm-sa",
        "vllm-scc-role: Role/vllm-anyuid",
        "vllm-scc-role-binding: RoleBinding/vllm-anyuid",
        "vllm-claim: PersistentVolumeClaim/vllm-models-cache",
        "vllm-service: Service/vllm",
        "vllm-deployment: Deployment/vllm",
        "vllm-route: Route/vllm",
      ],
    );
  });

  it("writes the file that `pulumi import` reads, below the component", () => {
    assert.deepEqual(importFile(args, "urn:provider", [deployment]), {
      nameTable: { cluster: "urn:provider" },
      resources: [
        { type: "vllm-inference:index:VllmInference", name: "vllm", component: true },
        {
          type: "kubernetes:apps/v1:Deployment",
          name: "vllm-deployment",
          id: "ns/vllm",
          parent: "vllm",
          provider: "cluster",
        },
      ],
    });
  });

  it("sets what keeps the namespace and the claim, and the claim's live size", () => {
    const claim = { metadata: { name: "c" }, spec: { resources: { requests: { storage: "50Gi" } } } };
    assert.deepEqual(keepingConfig(args, claim), { createNamespace: "false", protectClaim: "true", pvcSize: "50Gi" });
    const kept = resolveArgs("vllm", { createNamespace: false, protectClaim: true, pvcSize: "50Gi" });
    assert.deepEqual(keepingConfig(kept, claim), {});
  });

  it("refuses what another stack owns, and a selector that would replace the Deployment", () => {
    const mine = { metadata: { name: "vllm" }, spec: { selector: { matchLabels: { app: "vllm" } } } };
    assert.equal(objection(deployment, mine, args, "vllm-inference/prod"), undefined);
    const others = {
      ...mine,
      metadata: { name: "vllm", annotations: { "vllm-inference/stack": "organization/vllm-inference/dev" } },
    };
    assert.match(
      objection(deployment, others, args, "vllm-inference/prod") ?? "",
      /belongs to the stack 'organization\/vllm-inference\/dev'/,
    );
    const otherwise = { ...mine, spec: { selector: { matchLabels: { app: "llm" } } } };
    assert.match(objection(deployment, otherwise, args, "vllm-inference/prod") ?? "", /selects \{"app":"llm"\}/);
  });

  it("puts what was applied in the place of all that the import has found", () => {
    const applied = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "vllm", annotations: {} },
      spec: { type: "ClusterIP", ports: [{ port: 8000 }], dropped: "by the API server" },
    };
    const live = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "vllm", annotations: { [annotation]: JSON.stringify(applied) } },
      spec: { type: "ClusterIP", ports: [{ port: 8000, protocol: "TCP" }], clusterIP: "10.0.0.1" },
    } as LiveObject;
    const inputs = appliedInputs(live)!;
    assert.deepEqual(inputs, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "vllm" },
      spec: { type: "ClusterIP", ports: [{ port: 8000 }] },
    });
    const resource = {
      urn: "urn:pulumi:s::p::t::vllm-service",
      type: "t",
      inputs: { ...live },
      outputs: { __inputs: { ...live }, __fieldManager: "m" },
    };
    const state = { deployment: { resources: [resource] } };
    assert.deepEqual(useAppliedInputs(state, new Map([["vllm-service", inputs]])), ["vllm-service"]);
    assert.deepEqual([resource.inputs, resource.outputs.__inputs], [inputs, inputs]);
    assert.deepEqual(useAppliedInputs(state, new Map([["vllm-service", inputs]])), [], "a second time changes nothing");
  });

  it("tells what an `up` has written by its owner, whatever else the provider's import leaves in the inputs", () => {
    const applied = { kind: "Service", spec: {} };
    const resource = (annotations: object) => ({
      urn: "urn:pulumi:s::p::t::vllm-service",
      type: "t",
      inputs: { kind: "Service", metadata: { annotations }, spec: { clusterIP: "10.0.0.1" } },
    });
    const changed = (annotations: object): string[] =>
      useAppliedInputs({ deployment: { resources: [resource(annotations)] } }, new Map([["vllm-service", applied]]));
    assert.deepEqual(changed({ [annotation]: "{}" }), ["vllm-service"]);
    assert.deepEqual(changed({}), ["vllm-service"], "as the official provider imports it");
    assert.deepEqual(changed({ "vllm-inference/stack": "organization/vllm-inference/dev" }), []);
  });

  it("names every object that the next up would replace or delete, and the fields that make it", () => {
    const urn = (kind: string, name: string): string => `urn:pulumi:s::p::a:b:C$kubernetes:core/v1:${kind}::${name}`;
    const claim = { urn: urn("PersistentVolumeClaim", "vllm-claim"), oldState: { id: "ns/vllm-models-cache" } };
    const steps = [
      { op: "update", urn: urn("Service", "vllm-service") },
      { op: "replace", ...claim, replaceReasons: ["spec"] },
      { op: "create-replacement", ...claim },
      { op: "delete-replaced", ...claim },
      { op: "delete", urn: urn("Secret", "old") },
      { op: "replace", urn: urn("Route", "vllm-route"), detailedDiff: { "spec.host": { kind: "add-replace" } } },
    ];
    assert.deepEqual(losses(JSON.stringify({ steps })), [
      "PersistentVolumeClaim vllm-models-cache would be replaced, because it differs in spec",
      "Secret old would be deleted",
      "Route vllm-route would be replaced, because it differs in spec.host",
    ]);
    assert.deepEqual(losses("{}"), []);
  });

  it("has no applied inputs for an object that was not applied", () => {
    assert.equal(appliedInputs({ metadata: { name: "vllm" } }), undefined);
  });

  it("hands kubectl's fields over to Pulumi's manager, once, and leaves the controllers' alone", () => {
    const status = { manager: "kube-controller-manager", operation: "Update", subresource: "status" };
    const kubectl = { manager: "kubectl-client-side-apply", operation: "Update", fieldsV1: { "f:spec": {} } };
    const edit = { manager: "kubectl-edit", operation: "Update" };
    const after = handedOver([edit, kubectl, status], "pulumi-kubernetes-1");
    assert.deepEqual(after, [edit, { ...kubectl, manager: "pulumi-kubernetes-1", operation: "Apply" }, status]);
    assert.equal(handedOver(after ?? [], "pulumi-kubernetes-1"), undefined);
    assert.equal(handedOver([status], "pulumi-kubernetes-1"), undefined);
  });
});

describe("handing fields over to Pulumi", () => {
  const adoption = { type: "", resource: "vllm-deployment", apiVersion: "apps/v1", kind: "Deployment", name: "vllm" };

  it("is undone without a trace", async () => {
    const found = [
      { manager: "kubectl-client-side-apply", operation: "Update", fieldsV1: { "f:spec": {} } },
      { manager: "kube-controller-manager", operation: "Update", subresource: "status" },
    ];
    let managedFields: object = found;
    const client: ClusterClient = {
      get: () => Promise.resolve({ body: { metadata: { name: "vllm", resourceVersion: "1", managedFields } } }),
      text: () => assert.fail("no log is asked for"),
      send: (_method, _path, body) => {
        managedFields = (body as { metadata: { managedFields: object } }).metadata.managedFields;
        return Promise.resolve({});
      },
    };
    const handed = await handOver(client, "n", adoption, "pulumi-kubernetes");
    assert.notDeepEqual(managedFields, found);
    await handBack(client, "n", handed!);
    assert.deepEqual(managedFields, found);
  });

  it("reads again where somebody else has written in between, as the controllers of a crash loop do", async () => {
    let version = 1;
    const sent: string[] = [];
    const client: ClusterClient = {
      get: () =>
        Promise.resolve({
          body: {
            metadata: {
              name: "vllm",
              resourceVersion: String(version),
              managedFields: [{ manager: "kubectl-client-side-apply", operation: "Update" }],
            },
          },
        }),
      text: () => assert.fail("no log is asked for"),
      send: (_method, _path, body) => {
        const { resourceVersion } = (body as { metadata: { resourceVersion: string } }).metadata;
        sent.push(resourceVersion);
        if (version++ < 3) return Promise.reject(new ApiError(409, "the object has been modified"));
        return Promise.resolve({});
      },
    };
    await handOver(client, "n", adoption, "pulumi-kubernetes");
    assert.deepEqual(sent, ["1", "2", "3"]);
  });
});
