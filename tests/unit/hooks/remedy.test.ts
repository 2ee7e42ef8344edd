import assert from "node:assert/strict";
import { remedy } from "../../../components/hooks/remedy";
import { resolveArgs } from "../../../components/args/resolve";

describe("the way out beside the provider's error", () => {
  it("names the cluster that its commands are for", () => {
    const args = resolveArgs("vllm", { namespace: "team-a" });
    const connection = { context: "team/api:6443", kubeconfig: "/home/my config" };
    const text = remedy("kubernetes:core/v1:Namespace", ["namespaces is forbidden"], { args, connection });
    assert.match(
      text ?? "",
      /run `oc --kubeconfig '\/home\/my config' --context team\/api:6443 new-project team-a`; then `pulumi config set/,
    );
  });

  it("sets what one of several models has of its own, and what they share for all", () => {
    const args = resolveArgs("coder", {});
    const context = { args, connection: { context: "dev" }, isOneOfSeveral: true };
    const route = remedy("kubernetes:route.openshift.io/v1:Route", ["timed out waiting for the condition"], context);
    assert.match(
      route ?? "",
      /`pulumi config set --path models\.coder\.routeHost <host>`.*--path models\.coder\.routeEnabled false`/,
    );
    const role = remedy("kubernetes:rbac.authorization.k8s.io/v1:Role", ["roles is forbidden"], context);
    assert.match(role ?? "", /--path models\.coder\.securityMode restricted`.*--path models\.coder\.grantScc false`/);
    const space = remedy("kubernetes:core/v1:Namespace", ["namespaces is forbidden"], context);
    assert.match(space ?? "", /`pulumi config set createNamespace false`/);
  });
});
