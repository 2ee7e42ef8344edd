import assert from "node:assert/strict";
import { resolveArgs } from "../../../components/args/resolve";
import { rightsRemedy } from "../../../components/hooks/rights";

const forbidden = [
  'roles.rbac.authorization.k8s.io "vllm-anyuid" is forbidden: user "dev" is attempting to grant RBAC permissions not currently held',
];

const target = resolveArgs("coder", { namespace: "team-a" });

describe("what to do without rights", () => {
  for (const kind of ["Role", "RoleBinding"]) {
    it(`names the restricted mode, and what to ask for, where the ${kind} is refused`, () => {
      assert.equal(
        rightsRemedy(`kubernetes:rbac.authorization.k8s.io/v1:${kind}`, forbidden, target),
        "You may not grant the anyuid SCC. Either run without it: `pulumi config set securityMode restricted`. Or ask your " +
          "cluster admin to run `oc adm policy add-scc-to-user anyuid -z coder-sa -n team-a`; then `pulumi config set grantScc false`.",
      );
    });
  }

  it("names the setting where the namespace is refused", () => {
    const errors = ['namespaces is forbidden: User "dev" cannot create resource "namespaces"'];
    assert.equal(
      rightsRemedy("kubernetes:core/v1:Namespace", errors, target),
      "You may not create the namespace team-a. Ask your cluster admin for it, or run `oc new-project team-a`; then " +
        "`pulumi config set createNamespace false`.",
    );
  });

  it("says nothing of other errors or other objects", () => {
    assert.equal(rightsRemedy("kubernetes:core/v1:Namespace", ["connection refused"], target), undefined);
    assert.equal(rightsRemedy("kubernetes:core/v1:Secret", forbidden, target), undefined);
  });
});
