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
});
