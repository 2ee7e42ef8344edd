import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { makeOldDeployment } from "./oldDeployment";
import { ops, startOps } from "../cluster/opsCommand";
import { TestStack } from "../../harness/stack";

const policies = path.resolve(__dirname, "../../policies");

describe("the import of the old script's deployment", () => {
  const namespace = "ops-import";
  let stack: TestStack;
  const kubectl = (...args: string[]): Promise<string> => stack.cluster.kubectl("-n", namespace, ...args);
  const uids = (): Promise<string> =>
    kubectl(
      "get",
      "pods,pvc,service,deployment,route",
      "-l",
      "!none",
      "-o",
      "jsonpath={range .items[*]}{.kind} {.metadata.uid}{'\\n'}{end}",
    );
  /** What an import could leave behind: state, configuration, files, and who has written the objects. */
  const everything = async (): Promise<object> => {
    const { deployment } = JSON.parse(await stack.pulumi("stack", "export")) as { deployment: { resources?: unknown } };
    const objects = await kubectl("get", "pvc,service,deployment,route,role", "-o", "yaml", "--show-managed-fields");
    return {
      resources: deployment.resources ?? [],
      configuration: readFileSync(path.join(stack.directory, "Pulumi.test.yaml"), "utf8"),
      files: readdirSync(stack.directory).sort(),
      // Each write counts the version up, also one that was taken back.
      objects: objects.replaceAll(/resourceVersion: .*/g, ""),
    };
  };
  before(async () => {
    stack = await TestStack.create(namespace);
    await makeOldDeployment(stack);
    await kubectl("rollout", "status", "deployment/vllm", "--timeout=60s");
  });
  after(() => stack.remove());

  it("is what doctor proposes", async () => {
    const { exitCode, stdout } = await ops(stack, "doctor");
    assert.equal(exitCode, 1);
    assert.match(
      stdout,
      /Deployment vllm.*: carries no owner: this program has not made it\n +mend: npm run ops -- import --stack test/,
    );
  });

  it("shows what it would do, and without a terminal does nothing", async () => {
    const { exitCode, stdout } = await ops(stack, "import");
    assert.equal(exitCode, 2);
    assert.match(
      stdout,
      /into the stack 'test':\n {2}ServiceAccount vllm-sa\n[\s\S]*left as it is[^\n]*\n {2}Secret hf-token-secret: [^\n]*\n {2}Pod cuda-probe: /,
    );
    const { exitCode: status } = await stack.run("stack", "export");
    assert.equal(status, 0);
  });

  it("ends in order at Ctrl-C, and says how it goes on", async () => {
    const running = startOps(stack, "import", "--yes");
    running.stderr?.on("data", (chunk) => {
      if (String(chunk).includes("importing")) running.kill("SIGINT");
    });
    const { exitCode, stderr } = await running;
    assert.equal(exitCode, 130, stderr);
    assert.match(stderr, /Nothing was imported and nothing restarted[^]*Again: npm run ops -- import --stack test/);
    const locks = path.join(stack.directory, ".pulumi/locks/organization/vllm-inference/test");
    assert.deepEqual(existsSync(locks) ? readdirSync(locks) : [], [], "the child was waited for");
  });

  for (const [what, config, expected] of [
    [
      "the Route",
      { routeHost: "model.apps.example.invalid" },
      /Nothing was imported, because the next `up` would take something away:\n {2}Route vllm would be replaced/,
    ],
    ["the claim with the model", { storageClassName: "another" }, /claim[^]*protect/],
  ] as const) {
    it(`stops where the next up would replace ${what}, and leaves everything as it found it`, async () => {
      stack.configure(config);
      const found = await everything();
      const { exitCode, stderr } = await ops(stack, "import", "--yes");
      assert.equal(exitCode, 1, stderr);
      assert.match(stderr, expected);
      assert.match(
        stderr,
        /Nothing was imported and nothing restarted: the stack's state and configuration are as they/,
      );
      assert.deepEqual(await everything(), found);
      stack.configure(Object.fromEntries(Object.keys(config).map((key) => [key, undefined])));
    });
  }

  it("restarts and replaces nothing, and shows what the next up does", async () => {
    const before = await uids();
    const { exitCode, stdout, stderr } = await ops(stack, "import", "--yes");
    assert.equal(exitCode, 0, stderr);
    assert.equal(await uids(), before);
    assert.match(stdout, /~ 7 to update/);
    assert.doesNotMatch(stdout, /\d to (replace|delete)/);
    assert.match(stdout, /- +name +: "HUGGING_FACE_HUB_TOKEN"|HUGGING_FACE_HUB_TOKEN/);
    assert.match(stdout, /vllm stops and starts again once/);
    assert.match(stdout, /kubectl --kubeconfig \S+ --context \S+ delete secret hf-token-secret -n ops-import/);
    assert.match(stdout, /kubectl --kubeconfig \S+ --context \S+ delete pod cuda-probe -n ops-import/);
    const claim = await kubectl("get", "pvc", "vllm-models-cache", "-o", "yaml");
    assert.match(claim, /last-applied[^]*"volumeBindingMode":"WaitForFirstConsumer"/, "as the script left it");
    assert.doesNotMatch((await stack.run("stack", "export")).text, /"volumeBindingMode"/);
  });

  it("is followed by a preview that no policy objects to", async () => {
    const { exitCode, text } = await stack.preview("--policy-pack", policies, "--diff");
    assert.equal(exitCode, 0, text);
    assert.match(text, /~ 7 to update/);
    assert.doesNotMatch(text, /undefined/);
  });

  it("can be asked for twice", async () => {
    const { exitCode, stdout, stderr } = await ops(stack, "import", "--yes");
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /~ 7 to update/);
  });

  it("is followed by an up that restarts the pod once, keeps the claim, and takes the old variables away", async () => {
    const claim = await kubectl("get", "pvc", "vllm-models-cache", "-o", "jsonpath={.metadata.uid}");
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.equal(await kubectl("get", "pvc", "vllm-models-cache", "-o", "jsonpath={.metadata.uid}"), claim);
    assert.equal(await kubectl("get", "deployment", "vllm", "-o", "jsonpath={.metadata.generation}"), "2");
    const pod = await kubectl("get", "deployment", "vllm", "-o", "jsonpath={.spec.template}");
    assert.doesNotMatch(pod, /HUGGING_FACE_HUB_TOKEN|hf-token-secret|runtimeClassName/);
    const nothing = await stack.preview("--refresh", "--expect-no-changes");
    assert.equal(nothing.exitCode, 0, nothing.text);
  });

  it("needs the old Secret no more", async () => {
    await kubectl("delete", "secret", "hf-token-secret");
    await kubectl("delete", "pod", "-l", "app=vllm");
    await kubectl("rollout", "status", "deployment/vllm", "--timeout=60s");
    const { exitCode, text } = await ops(stack, "doctor");
    assert.equal(exitCode, 0, text);
  });

  it("refuses what is the stack's already", async () => {
    const { exitCode, stderr } = await ops(stack, "import", "--yes");
    assert.equal(exitCode, 1);
    assert.match(stderr, /Deployment vllm is this stack's already: there is nothing to import\./);
  });

  it("refuses what belongs to another stack", async () => {
    const other = await TestStack.create(namespace, { stack: "other" });
    const { exitCode, stderr } = await ops(other, "import", "--yes");
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      /Nothing was changed:\n {2}ServiceAccount vllm-sa belongs to the stack 'organization\/vllm-inference\/test'/,
    );
    other.removeFolder();
  });
});
