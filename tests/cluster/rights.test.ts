import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { TestStack } from "../../harness/stack";

/** What an OpenShift project admin may: everything in the project, but grant nothing that he does not hold. */
function projectAdmin(namespace: string): string {
  const metadata = { name: "dev", namespace };
  const apiGroups = ["", "apps", "route.openshift.io", "rbac.authorization.k8s.io", "events.k8s.io"];
  const verbs = ["get", "list", "watch", "create", "update", "patch", "delete"];
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata,
      rules: [{ apiGroups, resources: ["*"], verbs }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "dev" },
      subjects: [{ kind: "ServiceAccount", ...metadata }],
    },
  ]
    .map((object) => stringify(object))
    .join("---\n");
}

describe("a user who may do little", () => {
  const namespace = "project";
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create(namespace);
    await stack.cluster.kubectlWithInput(projectAdmin(namespace), "apply", "-f", "-");
    const token = await stack.cluster.kubectl("-n", namespace, "create", "token", "dev");
    const kubeconfig = path.join(stack.directory, "kubeconfig");
    copyFileSync(stack.cluster.kubeconfig, kubeconfig);
    const config = (...args: string[]) =>
      execa("kubectl", ["--kubeconfig", kubeconfig, "config", ...args], { env: stack.env });
    const { stdout: cluster } = await config("view", "-o", "jsonpath={.contexts[0].context.cluster}");
    await config("set-credentials", "dev", `--token=${token}`);
    await config("set-context", "dev", `--cluster=${cluster}`, "--user=dev");
    await config("set-cluster", "away", "--server=https://127.0.0.1:1");
    await config("set-context", "away", "--cluster=away", "--user=dev");
    stack.configure({ kubeconfig, kubeContext: "dev" });
  });
  after(() => stack.remove());

  it("is told of a cluster that does not answer: a preview needs none, and up records nothing as made", async () => {
    stack.configure({ kubeContext: "away" });
    const preview = await stack.preview();
    assert.equal(preview.exitCode, 0, preview.text);
    const { exitCode, text } = await stack.up();
    stack.configure({ kubeContext: "dev" });
    assert.notEqual(exitCode, 0, text);
    assert.match(text, /context 'away'/);
    assert.ok(!/\bat .*\.[jt]s:\d+/.test(text), text);
    const state = await stack.pulumi("stack", "export");
    assert.ok(!state.includes("core/v1:Namespace"), state);
  });

  it("is shown by a preview what would be, and told by up to let others make the namespace, when he may do nothing there", async () => {
    stack.configure({ namespace: "not-mine" });
    const preview = await stack.preview();
    assert.equal(preview.exitCode, 0, preview.text);
    const { exitCode, text } = await stack.up();
    assert.notEqual(exitCode, 0);
    assert.match(
      text,
      /You may not create the namespace not-mine\. .*`oc --kubeconfig \S+ --context \S+ new-project not-mine`; then `pulumi config set --stack test createNamespace false`\./,
    );
    assert.equal(await stack.cluster.kubectl("get", "namespace", "not-mine", "--ignore-not-found", "-o", "name"), "");
  });

  it("is told of the restricted mode when the SCC cannot be granted", async () => {
    stack.configure({ namespace, createNamespace: false });
    const { exitCode, text } = await stack.up();
    assert.notEqual(exitCode, 0);
    assert.match(
      text,
      /You may not grant the anyuid SCC\. Either run without it: `pulumi config set --stack test securityMode restricted`\./,
    );
    assert.match(text, /`oc adm policy add-scc-to-user anyuid -z vllm-sa -n project`/);
  });

  it("comes up in restricted mode, in a namespace that enforces Pod Security restricted", async () => {
    stack.configure({ securityMode: "restricted" });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.equal(
      await stack.cluster.kubectl("-n", namespace, "get", "deploy", "vllm", "-o", "jsonpath={.status.readyReplicas}"),
      "1",
    );
  });
});
