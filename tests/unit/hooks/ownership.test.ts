import assert from "node:assert/strict";
import { foreignOwner, objectPath, ofOtherStacks } from "../../../components/hooks/ownership";
import { FakeCluster } from "../readiness/fakeCluster";

const owner = "organization/vllm-inference/dev";
const component = "vllm-inference:index:VllmInference::vllm";
const creator = { stack: owner, component, adoptExisting: false };
const connection = { context: "dev-cluster", kubeconfig: "/home/me/dev" };
const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", name: "vllm-models-cache", namespace: "llm" };
const claimPath = "/api/v1/namespaces/llm/persistentvolumeclaims/vllm-models-cache";

function clusterWith(path: string, metadata: Record<string, unknown>): FakeCluster {
  const cluster = new FakeCluster();
  cluster.objects.set(path, { metadata });
  return cluster;
}

describe("objects of somebody else", () => {
  it("are none where nothing exists", async () => {
    assert.equal(await foreignOwner(new FakeCluster(), claim, creator, connection), undefined);
  });

  it("are not this component's own, which a killed `up` has left behind", async () => {
    const cluster = clusterWith(claimPath, {
      annotations: { "vllm-inference/stack": owner, "vllm-inference/component": component },
    });
    assert.equal(await foreignOwner(cluster, claim, creator, connection), undefined);
  });

  it("of nobody's stack are refused with who made them and the setting that allows it", async () => {
    const cluster = clusterWith(claimPath, { managedFields: [{ manager: "oc" }, { manager: "oc" }] });
    assert.equal(
      await foreignOwner(cluster, claim, creator, connection),
      "PersistentVolumeClaim 'vllm-models-cache' in namespace 'llm' exists already and was made by 'oc', not by this stack " +
        "('organization/vllm-inference/dev'). Set another `namespace`, or `existingClaim` to mount it without owning it. To take it over on " +
        "purpose, set `pulumi config set adoptExisting true`.",
    );
    assert.equal(await foreignOwner(cluster, claim, { ...creator, adoptExisting: true }, connection), undefined);
  });

  it("of another stack are refused even where adoption is allowed", async () => {
    const namespace = { apiVersion: "v1", kind: "Namespace", name: "llm" };
    const cluster = clusterWith("/api/v1/namespaces/llm", {
      annotations: { "vllm-inference/stack": "organization/vllm-inference/prod" },
    });
    assert.equal(
      await foreignOwner(cluster, namespace, { ...creator, adoptExisting: true }, connection),
      "Namespace 'llm' exists already and belongs to the stack 'organization/vllm-inference/prod'; this stack is " +
        "'organization/vllm-inference/dev'. Set another `namespace`, or `createNamespace` to false to deploy into it as it is. To move it on " +
        "purpose, first take it out of that stack, then run `kubectl --kubeconfig /home/me/dev --context dev-cluster annotate namespace llm vllm-inference/stack-` and set " +
        "`pulumi config set adoptExisting true`.",
    );
  });

  it("are looked for before the first is made, among all: those of another stack alone stop it then", async () => {
    const cluster = clusterWith(claimPath, {
      annotations: { "vllm-inference/stack": "organization/vllm-inference/prod" },
    });
    const path = (name: string): string => objectPath({ apiVersion: "v1", kind: "Service", name, namespace: "llm" });
    cluster.objects.set(path("own"), { metadata: { annotations: { "vllm-inference/stack": owner } } });
    cluster.objects.set(path("free"), { metadata: {} });
    const services = ["own", "free", "new"].map((name) => ({
      apiVersion: "v1",
      kind: "Service",
      name,
      namespace: "llm",
    }));
    const found = await ofOtherStacks(cluster, [...services, claim], creator, connection);
    assert.equal(found.length, 1);
    assert.match(
      found[0] ?? "",
      /^PersistentVolumeClaim 'vllm-models-cache' .* belongs to the stack 'organization\/vllm-inference\/prod'/,
    );
  });

  it("are those of another component of this stack, which would be deleted as that one's at the end", async () => {
    const other = "acme:Team$vllm-inference:index:VllmInference::vllm";
    const cluster = clusterWith(claimPath, {
      annotations: { "vllm-inference/stack": owner, "vllm-inference/component": other },
    });
    assert.equal(
      await foreignOwner(cluster, claim, { ...creator, adoptExisting: true }, connection),
      `PersistentVolumeClaim 'vllm-models-cache' in namespace 'llm' exists already and belongs to '${other}' of this very stack. Made by ` +
        `'${component}' now, it would be deleted at the end, as the old one's. If a component was renamed or moved in the program, put it back and ` +
        `run \`pulumi up\`; then move it with the option \`aliases: ["urn:pulumi:dev::vllm-inference::${other}"]\`; if two are to share it, let neither make it; if no resource of the ` +
        "stack is it any more (`pulumi stack --show-urns`), run `kubectl --kubeconfig /home/me/dev --context dev-cluster annotate " +
        `persistentvolumeclaim vllm-models-cache -n llm vllm-inference/component=${component} --overwrite\`.`,
    );
  });

  it("are those of this stack that do not say which component made them, as older versions wrote them", async () => {
    const cluster = clusterWith(claimPath, { annotations: { "vllm-inference/stack": owner } });
    const refused = await foreignOwner(cluster, claim, creator, connection);
    assert.match(refused ?? "", / exists already and belongs to this very stack\. /);
  });

  it("are not a Namespace that stays whoever lets go of it", async () => {
    const namespace = { apiVersion: "v1", kind: "Namespace", name: "llm" };
    const cluster = clusterWith("/api/v1/namespaces/llm", {
      annotations: { "vllm-inference/stack": owner, "vllm-inference/component": "*" },
    });
    assert.equal(await foreignOwner(cluster, namespace, { ...creator, component: "*" }, connection), undefined);
    assert.notEqual(await foreignOwner(cluster, namespace, creator, connection), undefined);
  });

  it("are asked for with one request, at the path of their kind", async () => {
    const cluster = new FakeCluster();
    await foreignOwner(cluster, claim, creator, connection);
    assert.deepEqual(cluster.requests, [`${claimPath}?`]);
    const route = { apiVersion: "route.openshift.io/v1", kind: "Route", name: "vllm", namespace: "llm" };
    assert.equal(objectPath(route), "/apis/route.openshift.io/v1/namespaces/llm/routes/vllm");
    const policy = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", name: "litellm", namespace: "llm" };
    assert.equal(objectPath(policy), "/apis/networking.k8s.io/v1/namespaces/llm/networkpolicies/litellm");
  });
});
