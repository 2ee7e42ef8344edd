/** The repository as a template: `pulumi new <repository>` gives a project that can be deployed. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { backendUrl, pulumiEnvironment } from "../../local/pulumi/environment";
import { buildPolicies } from "../../policies/build";
import { testCluster, type TestCluster } from "../../harness/cluster";

const root = path.resolve(__dirname, "../..");
const policies = path.join(root, "policies");
const namespace = "template";

describe("pulumi new with this repository", () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let cluster: TestCluster;
  const project = (): string => path.join(folder, "project");
  const pulumi = async (...args: string[]): Promise<string> => {
    const { exitCode, all } = await execa("pulumi", args, { cwd: project(), env, all: true, reject: false, input: "" });
    assert.equal(exitCode, 0, all);
    return all;
  };

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "vllm-template-"));
    await buildPolicies();
    cluster = await testCluster();
    env = { ...(await pulumiEnvironment(cluster)), PULUMI_BACKEND_URL: backendUrl(folder) };
    const template = path.join(folder, "template");
    for (const made of [template, project()]) mkdirSync(made);
    // What git would clone.
    const files = await execa("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root });
    await execa("xargs", ["-0", "cp", "--parents", "-t", template], { cwd: root, input: files.stdout });
    await pulumi("new", template, "--generate-only", "--yes", "--name", "vllm-inference");
  });
  after(async () => {
    await cluster.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false");
    rmSync(folder, { recursive: true, force: true });
  });

  it("leaves a project without the template's questions, with the whole configuration", () => {
    const read = (file: string): Record<string, unknown> =>
      parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    const { template, ...own } = read(path.join(root, "Pulumi.yaml"));
    assert.deepEqual(Object.keys((template as { config: object }).config), ["kubeContext", "hfToken"]);
    const { config, ...rest } = read(path.join(project(), "Pulumi.yaml"));
    // The CLI notes which template it took.
    const settings = Object.entries(config as object).filter(([key]) => key !== "pulumi:tags");
    assert.deepEqual({ ...rest, config: Object.fromEntries(settings) }, own);
  });

  it("gives a project that the policy pack lets pass once its questions are answered", async () => {
    symlinkSync(path.join(root, "node_modules"), path.join(project(), "node_modules"));
    await pulumi("stack", "init", "organization/vllm-inference/new");
    await answer();
    const preview = await pulumi("preview", "--stack", "new", "--non-interactive", "--policy-pack", policies);
    assert.match(preview, /vllm-deployment +create/);
    assert.doesNotMatch(preview, /hf_canary/);
    assertOnlyTagFloats(preview);
  });

  it("gives one under another name, too, whose stacks are its own, and which comes up with the pack on", async () => {
    const file = path.join(project(), "Pulumi.yaml");
    await pulumi("new", path.join(folder, "template"), "--generate-only", "--yes", "--force", "--name", "my-llm");
    assert.equal((parse(readFileSync(file, "utf8")) as { name: string }).name, "my-llm");
    await pulumi("stack", "init", "organization/my-llm/new");
    await answer();
    const up = ["up", "--stack", "new", "--yes", "--skip-preview", "--non-interactive"];
    const made = await pulumi(...up, "--policy-pack", policies);
    assert.match(made, /vllm-deployment created/);
    assert.match(made, /routeUrl +: "https:/);
    assertOnlyTagFloats(made);
    // What is in the given stack files belongs to the first name: it is not taken for this project's, so the cluster is missing.
    await pulumi("stack", "init", "organization/my-llm/dev");
    const preview = ["preview", "--stack", "dev", "--non-interactive"];
    const { exitCode, all } = await execa("pulumi", preview, { cwd: project(), env, all: true, reject: false });
    assert.notEqual(exitCode, 0, all);
    assert.match(all, /'kubeContext'/);
  });

  it("is refused by a CLI that is older than it needs", async () => {
    const file = path.join(project(), "Pulumi.yaml");
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace(/^requiredPulumiVersion: .*$/m, 'requiredPulumiVersion: ">=99.0.0"'),
    );
    const preview = ["preview", "--stack", "new", "--non-interactive"];
    const { exitCode, all } = await execa("pulumi", preview, { cwd: project(), env, all: true, reject: false });
    assert.notEqual(exitCode, 0, all);
    assert.match(all, /does not satisfy the version range ">=99\.0\.0"/);
  });

  /** What the template asks for, and where to. */
  async function answer(): Promise<void> {
    const { kubeconfig, context: kubeContext } = cluster;
    const pairs = Object.entries({ kubeContext, kubeconfig, namespace }).map(([key, value]) => `${key}=${value}`);
    const plain = pairs.flatMap((pair) => ["--plaintext", pair]);
    await pulumi("config", "set-all", "--stack", "new", ...plain, "--secret", "hfToken=hf_canary");
  }

  function assertOnlyTagFloats(text: string): void {
    assert.ok(!text.includes("can't run policy"), text);
    const found = text.split("\n").filter((line) => / must .*; /.test(line));
    assert.ok(found.length > 0 && found.every((line) => line.includes("must be pinned")), found.join("\n"));
  }
});
