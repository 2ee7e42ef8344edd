/** `npm run ops -- import` as an admin of the project and no more, of a deployment that is in a bad way. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { simulate } from "../../local/simulation";
import { OwnKubeconfig } from "../cluster/account";
import { makeOldDeployment } from "./oldDeployment";
import { ops } from "../cluster/opsCommand";
import { TestStack } from "../../harness/stack";

describe("the import of an old deployment that crashes in two pods, by an admin of the project", () => {
  const namespace = "ops-import-ways";
  let stack: TestStack;
  let users: OwnKubeconfig;
  const kubectl = (...args: string[]): Promise<string> => stack.cluster.kubectl("-n", namespace, ...args);
  const pods = (): Promise<string> =>
    kubectl("get", "pods", "-l", "app=vllm", "-o", "jsonpath={.items[*].metadata.uid}");

  before(async () => {
    stack = await TestStack.create(namespace);
    await simulate(stack.cluster.kubeconfig, namespace, { fault: "server-cuda" });
    await makeOldDeployment(stack);
    await kubectl("scale", "deployment/vllm", "--replicas=2");
    users = await OwnKubeconfig.create(stack);
    for (const role of ["view", "admin"]) {
      await users.addAccount(role);
      await kubectl("create", "rolebinding", role, `--clusterrole=${role}`, `--serviceaccount=${namespace}:${role}`);
    }
    const crashes = "jsonpath={.items[*].status.containerStatuses[*].lastState.terminated.exitCode}";
    for (let tries = 0; (await kubectl("get", "pods", "-l", "app=vllm", "-o", crashes)) !== "1 1"; tries++) {
      if (tries > 100) assert.fail("two pods do not crash");
      await sleep(200);
    }
  });
  after(async () => {
    await simulate(stack.cluster.kubeconfig, namespace, { fault: undefined });
    users.leave();
    await stack.remove();
  });

  it("is refused to an account that may only look, before anything is changed", async () => {
    users.use("view");
    const { exitCode, stderr } = await ops(stack, "import", "--yes");
    assert.equal(exitCode, 5, stderr);
    assert.match(stderr, /^error: .*"system:serviceaccount:ops-import-ways:view" cannot \w+ resource "\w+"/m);
    assert.doesNotMatch((await stack.run("stack", "export")).text, /kubernetes:apps/);
  });

  it("restarts nothing", async () => {
    users.use("admin");
    const before = await pods();
    const { exitCode, stdout, stderr } = await ops(stack, "import", "--yes");
    assert.equal(exitCode, 0, stderr);
    assert.equal(await pods(), before);
    assert.match(stdout, /replicas +: 2 => 1/);
    assert.match(stdout, /vllm stops and starts again once/);
  });

  it("is followed by an up that names what a cluster admin must do, as the SCC's Role is written anew", async () => {
    const { exitCode, text } = await stack.up();
    assert.notEqual(exitCode, 0);
    assert.match(
      text,
      /You may not grant the anyuid SCC\. .*`oc adm policy add-scc-to-user anyuid -z vllm-sa -n ops-import-ways`/,
    );
    assert.equal((await pods()).split(" ").length, 2, "nothing was restarted for it");
  });

  it("is followed by an up that leaves one pod, once the account holds the SCC and the fault is mended", async () => {
    await kubectl("create", "rolebinding", "may-grant", "--role=vllm-anyuid", `--serviceaccount=${namespace}:admin`);
    await simulate(stack.cluster.kubeconfig, namespace, { fault: undefined });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    const status = await ops(stack, "status");
    assert.equal(status.exitCode, 0, status.text);
    assert.equal((await pods()).split(" ").length, 1);
  });
});
