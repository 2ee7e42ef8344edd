import assert from "node:assert/strict";
import { rightsRemedy } from "../../../components/rights";

const forbidden = [
  'roles.rbac.authorization.k8s.io "vllm-anyuid" is forbidden: user "dev" is attempting to grant RBAC permissions not currently held',
];

describe("what to do without rights", () => {
  for (const kind of ["Role", "RoleBinding"]) {
    it(`names the restricted mode where the ${kind} is refused`, () => {
      const remedy = rightsRemedy(`kubernetes:rbac.authorization.k8s.io/v1:${kind}`, forbidden);
      assert.match(remedy ?? "", /pulumi config set securityMode restricted/);
      assert.match(remedy ?? "", /pulumi config set grantScc false/);
    });
  }

  it("names the setting where the namespace is refused", () => {
    const error = ['namespaces is forbidden: User "dev" cannot create resource "namespaces"'];
    assert.match(rightsRemedy("kubernetes:core/v1:Namespace", error) ?? "", /pulumi config set createNamespace false/);
  });

  it("says nothing of other errors or other objects", () => {
    assert.equal(rightsRemedy("kubernetes:core/v1:Namespace", ["connection refused"]), undefined);
    assert.equal(rightsRemedy("kubernetes:core/v1:Secret", forbidden), undefined);
  });
});
