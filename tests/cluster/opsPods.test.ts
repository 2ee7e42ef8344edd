import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { simulate } from "../../local/simulation";
import { ops, startOps } from "./opsCommand";
import { TestStack } from "../../harness/stack";

describe("the operators' commands that run a pod", () => {
  const namespace = "ops-pods";
  let stack: TestStack;
  const kubectl = (...args: string[]): Promise<string> => stack.cluster.kubectl("-n", namespace, ...args);
  const exists = async (pod: string): Promise<boolean> =>
    (await kubectl("get", "pod", pod, "--ignore-not-found", "-o", "name")) !== "";
  const until = async (what: string, met: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; !(await met()); tries++) {
      if (tries > 2_000) assert.fail(`not in time: ${what}`);
      await sleep(300);
    }
  };
  const replicas = (): Promise<string> => kubectl("get", "deployment", "vllm", "-o", "jsonpath={.spec.replicas}");
  before(async () => {
    stack = await TestStack.create(namespace);
  });
  after(() => stack.remove());

  it("cuda-probe wants its namespace first", async () => {
    const { exitCode, stderr } = await ops(stack, "cuda-probe");
    assert.equal(exitCode, 3, stderr);
    assert.match(
      stderr,
      /^error: Namespace ops-pods does not exist; `oc --kubeconfig \S+ --context \S+ new-project ops-pods` makes it\.$/m,
    );
  });

  describe("cuda-probe, before a deployment", () => {
    before(() => stack.cluster.kubectl("create", "namespace", namespace));

    it("runs, says that this cluster is simulated, and leaves nothing", async () => {
      const { exitCode, stdout, stderr } = await ops(stack, "cuda-probe");
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /of a GPU nothing is known, because this cluster is simulated/);
      assert.equal(await exists("cuda-probe"), false);
    });

    it("says at once why it finds no node, in the words of the readiness gate, and leaves nothing", async () => {
      stack.configure({ nodeSelector: { zone: "nowhere" } });
      const { exitCode, stderr } = await ops(stack, "cuda-probe");
      stack.configure({ nodeSelector: undefined });
      assert.equal(exitCode, 1, stderr);
      assert.match(stderr, /Pod cuda-probe cannot run: [\s\S]*gpu-worker-0 lacks zone=nowhere[\s\S]*What to do: /);
      assert.equal(await exists("cuda-probe"), false);
    });

    it("says after its time what it was waiting for", async () => {
      stack.configure({ nodeSelector: { zone: "nowhere" } });
      const { exitCode, stderr } = await ops(stack, "cuda-probe", "--timeout", "3");
      stack.configure({ nodeSelector: undefined });
      assert.equal(exitCode, 1, stderr);
      assert.match(stderr, /^error: Pod cuda-probe did not end within 3 s: .*gpu-worker-0 lacks zone=nowhere/m);
      assert.equal(await exists("cuda-probe"), false);
    });

    it("removes its pod at Ctrl-C", async () => {
      await simulate(stack.cluster.kubeconfig, namespace, { pull: 3600 });
      const running = startOps(stack, "cuda-probe");
      await until("the pod exists", () => exists("cuda-probe"));
      running.kill("SIGINT");
      assert.equal((await running).exitCode, 130);
      assert.equal(await exists("cuda-probe"), false);
    });

    it("removes what a killed run has left, and runs", async () => {
      const killed = startOps(stack, "cuda-probe");
      await until("the pod exists", () => exists("cuda-probe"));
      killed.kill("SIGKILL");
      await killed;
      assert.equal(await exists("cuda-probe"), true);
      await simulate(stack.cluster.kubeconfig, namespace, { pull: undefined });
      const { exitCode, stderr } = await ops(stack, "cuda-probe");
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /removing pod cuda-probe, which a killed run has left/);
    });

    it("doctor --probe asks the Hub by a pod without a GPU, and leaves nothing", async () => {
      await simulate(stack.cluster.kubeconfig, namespace, { pull: 2 });
      const running = startOps(stack, "doctor", "--probe");
      await until("the pod exists", () => exists("hub-probe"));
      assert.doesNotMatch(
        await kubectl("get", "pod", "hub-probe", "-o", "jsonpath={.spec.containers[*].resources}"),
        /nvidia/,
      );
      const { stdout } = await running;
      await simulate(stack.cluster.kubeconfig, namespace, { pull: undefined });
      assert.match(stdout, /skipped {2}Hub: the pod was admitted, scheduled and removed; nothing ran in it/);
      assert.equal(await exists("hub-probe"), false);
    });

    it("doctor --probe says why no pod can ask", async () => {
      stack.configure({ nodeSelector: { zone: "nowhere" } });
      const { stdout } = await ops(stack, "doctor", "--probe");
      stack.configure({ nodeSelector: undefined });
      assert.match(stdout, /warning {2}Hub: no pod could ask: Pod hub-probe cannot run: /);
      assert.equal(await exists("hub-probe"), false);
    });

    it("leaves a pod of that name alone that somebody else has made", async () => {
      await kubectl("run", "cuda-probe", "--image=example.com/x:1", "--restart=Never");
      const { exitCode, stderr } = await ops(stack, "cuda-probe");
      assert.equal(exitCode, 6, stderr);
      assert.match(stderr, /Pod cuda-probe in namespace ops-pods was not made by this program/);
      await kubectl("delete", "pod", "cuda-probe", "--wait=false");
    });

    it("gives the quota's own words when that leaves no room", async () => {
      const quota = {
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { name: "none", namespace },
        spec: { hard: { "requests.nvidia.com/gpu": "0" } },
      };
      await stack.cluster.kubectlWithInput(stringify(quota), "apply", "-f", "-");
      await until(
        "the quota counts",
        async () => (await kubectl("get", "resourcequota", "none", "-o", "jsonpath={.status.hard}")) !== "",
      );
      const { exitCode, stderr } = await ops(stack, "cuda-probe");
      await kubectl("delete", "resourcequota", "none");
      assert.equal(exitCode, 1, stderr);
      assert.match(stderr, /The cluster refuses pod cuda-probe: .*exceeded quota: none/s);
    });
  });

  describe("redownload", () => {
    before(async () => {
      stack.configure({ createNamespace: false });
      const { exitCode, text } = await stack.up();
      assert.equal(exitCode, 0, text);
    });

    it("asks first, and without a terminal changes nothing", async () => {
      const uid = await kubectl("get", "pod", "-l", "app=vllm", "-o", "jsonpath={.items[*].metadata.uid}");
      const { exitCode, stderr } = await ops(stack, "redownload");
      assert.equal(exitCode, 2);
      assert.match(
        stderr,
        /Stack 'test' on context \S+: stop vllm in namespace ops-pods and remove Qwen\/Qwen2\.5-7B-Instruct-AWQ from claim vllm-models-cache\? .*add --yes/,
      );
      assert.equal(await kubectl("get", "pod", "-l", "app=vllm", "-o", "jsonpath={.items[*].metadata.uid}"), uid);
    });

    it("stops the server before the helper mounts the claim, starts it again, and leaves nothing to the next up", async () => {
      // Long enough for both to be seen.
      await simulate(stack.cluster.kubeconfig, namespace, { pull: 3, terminate: 2 });
      const seen: string[][] = [];
      const running = startOps(stack, "redownload", "--yes");
      let done = false;
      void running.then(() => (done = true));
      while (!done) {
        seen.push((await kubectl("get", "pods", "-o", "name")).split("\n").filter(Boolean));
        await sleep(50);
      }
      const { exitCode, stderr } = await running;
      await simulate(stack.cluster.kubeconfig, namespace, { pull: undefined, terminate: undefined });
      assert.equal(exitCode, 0, stderr);
      const withHelper = seen.filter((pods) => pods.includes("pod/vllm-redownload"));
      assert.notEqual(withHelper.length, 0, "the helper was seen");
      assert.deepEqual([...new Set(withHelper.flat())], ["pod/vllm-redownload"], "nobody else had the claim meanwhile");
      assert.equal(await replicas(), "1");
      assert.equal(await exists("vllm-redownload"), false);
      assert.equal(await kubectl("get", "leases", "-o", "name"), "");
      const { exitCode: same, text } = await stack.up("--expect-no-changes");
      assert.equal(same, 0, text);
    });

    it("refuses while another is running", async () => {
      const renewTime = new Date().toISOString().replace("Z", "000Z");
      const spec = { holderIdentity: "night@laptop/7", leaseDurationSeconds: 60, renewTime };
      const lease = {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: "vllm-redownload", namespace },
        spec,
      };
      await stack.cluster.kubectlWithInput(stringify(lease), "apply", "-f", "-");
      const { exitCode, stderr } = await ops(stack, "redownload", "--yes");
      assert.equal(exitCode, 6, stderr);
      assert.match(stderr, /Another redownload is running \(night@laptop\/7\)/);
      assert.equal(await replicas(), "1");
    });

    it("takes over the lease of one that died", async () => {
      await kubectl(
        "patch",
        "lease",
        "vllm-redownload",
        "--type=merge",
        "-p",
        '{"spec":{"renewTime":"2026-01-01T00:00:00.000000Z"}}',
      );
      const { exitCode, text } = await ops(stack, "redownload", "--yes");
      assert.equal(exitCode, 0, text);
    });

    it("starts the server again at Ctrl-C", async () => {
      await simulate(stack.cluster.kubeconfig, namespace, { pull: 3600 });
      const running = startOps(stack, "redownload", "--yes");
      await until("the helper exists", () => exists("vllm-redownload"));
      running.kill("SIGINT");
      assert.equal((await running).exitCode, 130);
      await simulate(stack.cluster.kubeconfig, namespace, { pull: undefined });
      assert.equal(await exists("vllm-redownload"), false);
      assert.equal(await replicas(), "1");
    });

    it("starts the server again when whoever reads what it says has gone", async () => {
      await until("the server runs", async () => (await kubectl("get", "pods", "-o", "name")).includes("pod/vllm-"));
      await simulate(stack.cluster.kubeconfig, namespace, { pull: 3600 });
      const running = startOps(stack, "redownload", "--yes");
      // Gone before the first word, which is said once the server is told to stop: no moment to be met.
      running.stderr.destroy();
      running.stdout.destroy();
      assert.equal((await running).exitCode, 130);
      await simulate(stack.cluster.kubeconfig, namespace, { pull: undefined });
      assert.equal(await exists("vllm-redownload"), false);
      assert.equal(await replicas(), "1");
      assert.equal(await kubectl("get", "leases", "-o", "name"), "");
    });

    it("makes no helper when Ctrl-C comes while the server stops", async () => {
      await until("the server runs", async () => (await kubectl("get", "pods", "-o", "name")).includes("pod/vllm-"));
      // Its pod is held until the test lets it go: however slow the machine is, the server stops all the while.
      const pod = await kubectl("get", "pods", "-o", "jsonpath={.items[0].metadata.name}");
      const hold = (finalizers: string[] | null): Promise<string> =>
        kubectl("patch", "pod", pod, "--type", "merge", "--patch", JSON.stringify({ metadata: { finalizers } }));
      await hold(["tests.local/held"]);
      const running = startOps(stack, "redownload", "--yes");
      await until("it has been told to stop", async () => (await replicas()) === "0");
      running.kill("SIGINT");
      const { exitCode, stderr } = await running;
      await hold(null);
      assert.equal(exitCode, 130);
      assert.doesNotMatch(stderr, /vllm-redownload/);
      assert.equal(await replicas(), "1");
    });

    it("starts the server again when the helper cannot run, also with another revision", async () => {
      stack.configure({ nodeSelector: { zone: "nowhere" } });
      const { exitCode, stderr } = await ops(stack, "redownload", "--yes", "--revision", "main");
      stack.configure({ nodeSelector: undefined });
      assert.equal(exitCode, 1, stderr);
      assert.match(stderr, /Pod vllm-redownload cannot run: /);
      assert.equal(await replicas(), "1");
    });

    it("with another revision sets it and leaves the start to up", async () => {
      await until("no pod waits", async () => !(await kubectl("get", "pods", "-o", "name")).includes("redownload"));
      const { exitCode, stdout, stderr } = await ops(
        stack,
        "redownload",
        "--yes",
        "--revision",
        "0123456789abcdef0123456789abcdef01234567",
      );
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /stays stopped until you type:\n {2}pulumi up --refresh --stack test$/m);
      assert.equal(await replicas(), "0");
      const { exitCode: up, text } = await stack.up("--refresh");
      assert.equal(up, 0, text);
      assert.equal(await replicas(), "1");
      const env = 'jsonpath={.spec.template.spec.initContainers[0].env[?(@.name=="MODEL_REVISION")].value}';
      assert.equal(await kubectl("get", "deployment", "vllm", "-o", env), "0123456789abcdef0123456789abcdef01234567");
    });
  });
});
