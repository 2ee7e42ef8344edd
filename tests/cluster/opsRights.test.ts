/** `npm run ops` as an ordinary user of the project, and with one right less. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { OwnKubeconfig } from "./account";
import { ops } from "./opsCommand";
import { TestStack } from "../../harness/stack";

interface Rule {
  apiGroups?: string[];
  resources?: string[];
  verbs: string[];
}

interface Taken {
  group: string;
  /** With its subresource, if it is that. */
  resource: string;
  verb: string;
}

/** The rules that are left of others when one right is taken away. */
function without(rules: readonly Rule[], { group, resource, verb }: Taken): Rule[] {
  return rules.flatMap((rule) => {
    if (!rule.apiGroups?.includes(group) || !rule.resources?.includes(resource)) return [rule];
    const others = { ...rule, resources: rule.resources.filter((other) => other !== resource) };
    const rest = { ...rule, resources: [resource], verbs: rule.verbs.filter((other) => other !== verb) };
    return [others, rest].filter(({ resources, verbs }) => resources?.length !== 0 && verbs.length > 0);
  });
}

const taken = (resource: string, verb: string, group = ""): Taken => ({ group, resource, verb });

/** What a command says where one right of the role `edit` is missing, and how it ends. */
const cases: readonly (readonly [Taken, command: readonly string[], exitCode: number, says: RegExp])[] = [
  [taken("deployments", "get", "apps"), ["status"], 5, /cannot get resource "deployments"/],
  [taken("pods", "list"), ["status"], 0, /^not seen +.*\n?[^]*the pods: the right to list pods is missing$/m],
  [taken("events", "list"), ["status"], 0, /what the cluster said of them: the right to list events is missing$/m],
  [
    taken("replicasets", "list", "apps"),
    ["status"],
    0,
    /which pod is the newest: the right to list replicasets is missing$/m,
  ],
  [
    taken("persistentvolumeclaims", "get"),
    ["status"],
    0,
    /the claim: the right to get persistentvolumeclaims is missing$/m,
  ],
  [taken("configmaps", "get"), ["status"], 0, /the published names: the right to get configmaps is missing$/m],
  [taken("routes", "get", "route.openshift.io"), ["status"], 0, /the Route: the right to get routes is missing$/m],
  [
    taken("pods", "list"),
    ["logs"],
    5,
    /^error: You may not list pods in namespace ops-rights; the role `view` holds that right\.$/m,
  ],
  [taken("pods/log", "get"), ["logs"], 5, /cannot get resource "pods\/log" in API group ""/],
  [taken("pods", "get"), ["cuda-probe"], 5, /cannot get resource "pods"/],
  [taken("pods", "create"), ["cuda-probe"], 5, /cannot create resource "pods"/],
  [
    taken("pods", "delete"),
    ["cuda-probe"],
    5,
    /Pod cuda-probe is left: .*cannot delete resource "pods".*; remove it: kubectl --kubeconfig \S+ --context \S+ delete pod cuda-probe -n ops-rights/,
  ],
  [taken("leases", "get", "coordination.k8s.io"), ["redownload", "--yes"], 5, /cannot get resource "leases"/],
  [taken("leases", "create", "coordination.k8s.io"), ["redownload", "--yes"], 5, /cannot create resource "leases"/],
  [
    taken("deployments/scale", "patch", "apps"),
    ["redownload", "--yes"],
    5,
    /cannot patch resource "deployments\/scale"/,
  ],
  [taken("pods", "list"), ["redownload", "--yes"], 5, /cannot list resource "pods"/],
  [taken("pods", "create"), ["redownload", "--yes"], 5, /cannot create resource "pods"/],
];

describe("the operators' commands with the rights of an ordinary project user", () => {
  const namespace = "ops-rights";
  let stack: TestStack;
  let users: OwnKubeconfig;
  let edit: Rule[];
  const kubectl = (...args: string[]): Promise<string> => stack.cluster.kubectl("-n", namespace, ...args);

  before(async () => {
    stack = await TestStack.create(namespace, { config: { createNamespace: false } });
    await stack.cluster.kubectl("create", "namespace", namespace);
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    ({ rules: edit } = JSON.parse(await kubectl("get", "clusterrole", "edit", "-o", "json")) as { rules: Rule[] });
    users = await OwnKubeconfig.create(stack);
    await users.addAccount("dev");
    await kubectl("create", "rolebinding", "dev", "--role=dev", `--serviceaccount=${namespace}:dev`);
    await grant(edit);
    users.use("dev");
  });
  after(async () => {
    users.leave();
    await stack.remove();
  });

  /** Gives the account a role of those rules, and waits until it is in force. */
  async function grant(rules: readonly Rule[]): Promise<void> {
    const mark = { apiGroups: ["test"], resources: [`r${Date.now()}`], verbs: ["get"] };
    const role = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "dev", namespace },
      rules: [...rules, mark],
    };
    await stack.cluster.kubectlWithInput(JSON.stringify(role), "apply", "-f", "-");
    const review = JSON.stringify({
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: {
        user: `system:serviceaccount:${namespace}:dev`,
        resourceAttributes: { namespace, verb: "get", group: "test", resource: mark.resources[0] },
      },
    });
    const allowed = ["create", "-f", "-", "-o", "jsonpath={.status.allowed}"];
    for (let tries = 0; (await stack.cluster.kubectlWithInput(review, ...allowed)) !== "true"; tries++) {
      if (tries > 50) assert.fail("the role is not in force");
      await sleep(100);
    }
  }

  describe("that the role `edit` holds", () => {
    it("status shows all but what only the cluster's own people see, and says so", async () => {
      const { exitCode, stdout, stderr } = await ops(stack, "status");
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /^rollout +serving: pod vllm-\S+ is Ready$/m);
      assert.match(stdout, /^claim +vllm-models-cache: Bound, 30Gi/m);
      assert.match(stdout, /^Route +https:\/\/vllm-ops-rights\.apps\.local\.test admitted/m);
      assert.match(stdout, /^drift +none$/m);
      assert.match(stdout, /how full the claim is: the right to get nodes\/proxy is missing$/m);
    });

    it("logs", async () => {
      const { exitCode, stdout, stderr } = await ops(stack, "logs");
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /Application startup complete/);
    });

    it("doctor misses only what an admin of the cluster does", async () => {
      const { stdout } = await ops(stack, "doctor");
      const missing = [...stdout.matchAll(/^ERROR +rights: missing: (.*)$/gm)].map(([, what]) => what);
      const grants = ["roles", "rolebindings"].map(
        (kind) => `get, create, patch, delete ${kind} in namespace ${namespace}`,
      );
      assert.deepEqual(missing, grants, "the SCC is an admin's to grant");
      assert.doesNotMatch(stdout, /^ERROR {4}(?!rights|SCC)/m);
      assert.match(stdout, /^skipped +GPU node: a right is missing: nodes is forbidden/m);
    });

    it("cuda-probe", async () => {
      const { exitCode, stderr } = await ops(stack, "cuda-probe");
      assert.equal(exitCode, 0, stderr);
    });

    it("redownload", async () => {
      const { exitCode, stderr } = await ops(stack, "redownload", "--yes");
      assert.equal(exitCode, 0, stderr);
      await kubectl("rollout", "status", "deployment/vllm", "--timeout=60s");
    });
  });

  it("doctor names each right that is missing", async () => {
    const rights = cases.map(([right]) => right);
    await grant(rights.reduce(without, edit));
    const { stdout } = await ops(stack, "doctor").finally(() => grant(edit));
    for (const { verb, resource } of rights) {
      const named = `^ERROR +rights: missing: (\\w+, )*${verb}(, \\w+)* ${resource} in namespace ${namespace}$`;
      assert.match(stdout, new RegExp(named, "m"));
    }
  });

  describe("less one", () => {
    for (const [right, command, exitCode, says] of cases) {
      it(`${command[0]} without ${right.verb} ${right.resource}`, async () => {
        await grant(without(edit, right));
        const ended = await ops(stack, ...command).finally(() => grant(edit));
        assert.match(ended.text, says);
        assert.equal(ended.exitCode, exitCode, ended.text);
        await kubectl("delete", "pod", "cuda-probe", "--ignore-not-found");
        assert.equal(
          await kubectl("get", "deployment", "vllm", "-o", "jsonpath={.spec.replicas}"),
          "1",
          "it is left running",
        );
      });
    }
  });
});
