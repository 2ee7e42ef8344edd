import assert from "node:assert/strict";
import type { Result } from "../../ops/checks/examine";
import { simulate } from "../../local/simulation";
import { OwnKubeconfig } from "./account";
import { ops, startOps } from "./opsCommand";
import { eventually } from "./simulatedCluster";
import { TestStack } from "../../harness/stack";

describe("the operators' commands", () => {
  const namespace = "ops";
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create(namespace);
  });
  after(() => stack.remove());

  async function doctor(...args: string[]): Promise<{ exitCode: number; found: (id: string) => Result; text: string }> {
    const { exitCode, stdout, text } = await ops(stack, "doctor", "--json", ...args);
    const { results } = JSON.parse(stdout) as { results: Result[] };
    for (const { severity, evidence, mend = "" } of results.flatMap(({ findings }) => findings)) {
      if (severity === "error" || severity === "warning") assert.match(mend, /^(pulumi|oc|kubectl|npm run) /, evidence);
    }
    const found = (id: string): Result =>
      results.find((result) => result.id === id) ?? assert.fail(`no check ${id}: ${text}`);
    return { exitCode, found, text };
  }
  const severities = (result: Result): string[] => result.findings.map(({ severity }) => severity);

  describe("before a deployment", () => {
    it("doctor finds the cluster in order, and skips what needs a deployment", async () => {
      const { exitCode, found, text } = await doctor();
      assert.equal(exitCode, 0, text);
      for (const id of ["cluster", "rights", "scc", "gpu-node", "gpu-free", "driver", "storage-class", "stack-lock"]) {
        assert.deepEqual(severities(found(id)), ["ok"], `${id}: ${JSON.stringify(found(id))}`);
      }
      assert.equal(found("start-up").skipped, "nothing is deployed");
    });

    it("doctor finds what the first up would fail on", async () => {
      stack.configure({
        storageClassName: "missing",
        nodeSelector: { zone: "nowhere" },
        runtimeClassName: "none",
        imagePullSecret: "pull",
      });
      const { exitCode, found } = await doctor();
      assert.equal(exitCode, 1);
      assert.match(
        found("storage-class").findings[0]?.evidence ?? "",
        /there is no class missing; there are: .*simulated-csi/,
      );
      assert.match(found("gpu-node").findings[0]?.evidence ?? "", /gpu-worker-0 lacks zone=nowhere/);
      assert.match(found("runtime-class").findings[0]?.evidence ?? "", /there is no runtime class none/);
      assert.match(
        found("pull-secret").findings[0]?.mend ?? "",
        /^oc .*--context local create secret docker-registry pull -n ops --docker-server=registry\.redhat\.io/,
      );
      stack.configure({
        storageClassName: undefined,
        nodeSelector: undefined,
        runtimeClassName: undefined,
        imagePullSecret: undefined,
      });
    });

    it("mistakes in the configuration are told all at once: whoever looks goes on, whoever acts ends with 2", async () => {
      stack.configure({ maxModelLen: "many", tolerations: 7 });
      try {
        for (const [command, code] of [
          ["status", 3],
          ["redownload", 2],
        ] as const) {
          const { exitCode, stderr } = await ops(stack, command);
          assert.equal(exitCode, code, stderr);
          assert.match(stderr, /maxModelLen[\s\S]*tolerations/);
        }
      } finally {
        stack.configure({ maxModelLen: undefined, tolerations: undefined });
      }
    });
  });

  describe("on a model that serves", () => {
    before(async () => {
      const { exitCode, text } = await stack.up();
      assert.equal(exitCode, 0, text);
    });

    it("status shows it on one screen, and ends with 0", async () => {
      const { exitCode, stdout, stderr } = await ops(stack, "status");
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /rollout +serving: pod vllm-\S+ is Ready/);
      assert.match(stdout, /model +Qwen\/Qwen2\.5-7B-Instruct-AWQ@000000000000, 5\.6 GB, verified 20\d\d-/);
      assert.match(stdout, /node +gpu-worker-0, \d+ × NVIDIA-A10G/);
      assert.match(stdout, /claim +vllm-models-cache: Bound, 30Gi/);
      assert.match(stdout, /Route +https:\/\/vllm-ops\.apps\.local\.test admitted/);
      assert.match(stdout, /drift +none/);
      assert.ok(!stdout.includes("\u001b"), "no colour where there is no terminal");
    });

    it("logs gives the server's lines alone on standard output", async () => {
      const { exitCode, stdout, stderr } = await ops(stack, "logs");
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /Application startup complete\.\n$/);
      assert.match(stderr, /── pod vllm-\S+, container server/);
      const downloader = await ops(stack, "logs", "downloader", "--tail", "1");
      assert.equal(downloader.stdout, "model-downloader: complete Qwen/Qwen2.5-7B-Instruct-AWQ@000000000000 5.6 GB\n");
    });

    it("doctor finds nothing wrong", async () => {
      const { exitCode, found, text } = await doctor();
      assert.equal(exitCode, 0, text);
      for (const id of [
        "start-up",
        "pods",
        "objects",
        "service-links",
        "offline-mode",
        "served-names",
        "tool-parser",
        "route",
      ]) {
        assert.deepEqual(severities(found(id)), ["ok"], `${id}: ${JSON.stringify(found(id))}`);
      }
    });

    it("doctor finds what other tools have changed, and who it was; status calls it drift", async () => {
      const { kubectl } = stack.cluster;
      await kubectl(
        "-n",
        namespace,
        "annotate",
        "route",
        "vllm",
        "haproxy.router.openshift.io/timeout=30s",
        "--overwrite",
      );
      await kubectl("-n", namespace, "set", "env", "deployment/vllm", "-c", "model-downloader", "HF_HUB_OFFLINE=1");
      for (const verb of ["delete", "create"]) await kubectl("-n", namespace, verb, "serviceaccount", "vllm-sa");
      const { exitCode, found } = await doctor();
      assert.equal(exitCode, 1);
      assert.match(found("route").findings[0]?.evidence ?? "", /its timeout is 30s, the stack wants 600s/);
      assert.match(found("offline-mode").findings[0]?.evidence ?? "", /HF_HUB_OFFLINE is 1/);
      const objects = found("objects")
        .findings.map(({ evidence }) => evidence)
        .join("\n");
      assert.match(objects, /Route vllm: .*timeout is 30s, the stack wants 600s \(set by 'kubectl-annotate'\)/);
      assert.match(objects, /ServiceAccount vllm-sa: carries no owner/);
      assert.deepEqual(
        new Set(found("objects").findings.map(({ mend }) => mend)),
        new Set(["pulumi up --refresh --stack test"]),
      );
      const { stdout } = await ops(stack, "status");
      assert.match(stdout, /drift +.*HF_HUB_OFFLINE|drift[\s\S]*HF_HUB_OFFLINE/);
      assert.equal((await stack.up("--refresh")).exitCode, 0);
      assert.deepEqual(severities((await doctor()).found("objects")), ["ok"]);
    });

    it("doctor finds two pods on one claim", async () => {
      await stack.cluster.kubectl("-n", namespace, "scale", "deployment/vllm", "--replicas=2");
      await eventually(
        () => stack.cluster.kubectl("-n", namespace, "get", "pods", "-l", "app=vllm", "-o", "name"),
        (names) => names.trim().split("\n").length === 2,
      );
      const { exitCode, found } = await doctor();
      assert.equal(exitCode, 1);
      assert.match(
        found("pods").findings[0]?.evidence ?? "",
        /^2 pods \(vllm-\S+, vllm-\S+\) and 2 replicas share a ReadWriteOnce claim/,
      );
      await stack.cluster.kubectl("-n", namespace, "scale", "deployment/vllm", "--replicas=1");
    });

    it("claude-code gives what Claude Code needs, with the key for a pipe", async () => {
      const { exitCode, stdout, stderr } = await ops(stack, "claude-code");
      assert.equal(exitCode, 0, stderr);
      const { apiKey } = await stack.outputs();
      assert.match(stdout, /^export ANTHROPIC_BASE_URL='https:\/\/vllm-ops\.apps\.local\.test'$/m);
      assert.ok(stdout.includes(`ANTHROPIC_AUTH_TOKEN='${String(apiKey)}'`));
    });
  });

  describe("for whoever types", () => {
    it("an unknown command is exit code 2, and the help names every exit code", async () => {
      assert.equal((await ops(stack, "nonsense")).exitCode, 2);
      const help = await ops(stack, "--help");
      assert.equal(help.exitCode, 0);
      assert.match(help.stdout, /Exit codes:[\s\S]*130 +stopped with Ctrl-C/);
    });

    it("logs -f goes on from one pod to the next, and ends with 130 at Ctrl-C", async () => {
      const following = startOps(stack, "logs", "-f");
      let text = "";
      following.stderr?.on("data", (chunk) => (text += String(chunk)));
      const until = (wanted: number): Promise<boolean> =>
        eventually(
          () => Promise.resolve(text),
          (said) => said.split("── pod").length - 1 >= wanted,
        );
      await until(1);
      await stack.cluster.kubectl("-n", namespace, "delete", "pod", "-l", "app=vllm");
      await until(2);
      following.kill("SIGINT");
      assert.equal((await following).exitCode, 130);
    });
  });

  describe("on a server that crashes", () => {
    before(async () => {
      await simulate(stack.cluster.kubeconfig, namespace, { fault: "server-cuda" });
      await stack.cluster.kubectl("-n", namespace, "delete", "pod", "-l", "app=vllm");
      const crashed = "jsonpath={.items[*].status.containerStatuses[*].lastState.terminated.exitCode}";
      await eventually(
        () => stack.cluster.kubectl("-n", namespace, "get", "pods", "-l", "app=vllm", "-o", crashed),
        (codes) => codes !== "",
      );
    });
    after(() => simulate(stack.cluster.kubeconfig, namespace, { fault: undefined }));

    it("status names the symptom, what it said and the mend, and ends with 1", async () => {
      const { exitCode, stdout } = await ops(stack, "status");
      assert.equal(exitCode, 1);
      assert.match(
        stdout,
        /trouble +the GPU's driver is too old for the image's CUDA\n[\s\S]*mend: npm run ops -- cuda-probe --stack test\n +use the RHAIIS image/,
      );
    });

    it("doctor shows the last words and the same mend", async () => {
      const { exitCode, found } = await doctor();
      assert.equal(exitCode, 1);
      const [finding] = found("start-up").findings;
      assert.match(finding?.evidence ?? "", /too old for the image's CUDA: [\s\S]*\n {2}\| .*(cuda|CUDA)/);
      assert.equal(finding?.mend, "npm run ops -- cuda-probe --stack test");
      assert.match(finding?.remedy ?? "", /use the RHAIIS image .*kubectl .*logs -n ops vllm-\S+ -c server --previous/);
    });

    it("logs shows the last run while the next one waits", async () => {
      const { exitCode, stdout, stderr } = await ops(stack, "logs");
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /cuda/i);
    });

    it("redownload works all the same", async () => {
      const { exitCode, text } = await ops(stack, "redownload", "--yes");
      assert.equal(exitCode, 0, text);
    });
  });

  describe("without rights in the cluster", () => {
    let users: OwnKubeconfig;
    before(async () => {
      users = await OwnKubeconfig.create(stack);
      await users.addAccount("nobody");
      users.use("nobody");
    });
    after(() => users.leave());

    it("doctor lists the missing rights with who gives them, and skips what it may not read", async () => {
      const { exitCode, found } = await doctor();
      assert.equal(exitCode, 1);
      const evidence = found("rights").findings.map((finding) => finding.evidence);
      assert.ok(
        evidence.includes("missing: get, create, patch, delete deployments in namespace ops"),
        evidence.join("\n"),
      );
      assert.match(found("gpu-node").skipped ?? "", /a right is missing: nodes is forbidden/);
      assert.equal(found("scc").findings[0]?.mend, "pulumi config set securityMode restricted --stack test");
    });
  });
});
