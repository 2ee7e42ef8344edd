/** The repository as a template: `pulumi new <repository>` gives a project that can be deployed. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { backendUrl, pulumiEnvironment } from "../../local/pulumi/environment";
import { testCluster } from "./cluster";

const root = path.resolve(__dirname, "../..");

describe("pulumi new with this repository", () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let kubeconfig: string;
  let context: string;
  const project = (): string => path.join(folder, "project");
  const pulumi = async (...args: string[]): Promise<string> => {
    const { exitCode, all } = await execa("pulumi", args, { cwd: project(), env, all: true, reject: false, input: "" });
    assert.equal(exitCode, 0, all);
    return all;
  };

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "vllm-template-"));
    const cluster = await testCluster();
    ({ kubeconfig, context } = cluster);
    env = { ...(await pulumiEnvironment(cluster)), PULUMI_BACKEND_URL: backendUrl(folder) };
    const template = path.join(folder, "template");
    for (const made of [template, project()]) mkdirSync(made);
    // What git would clone.
    const files = await execa("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root });
    await execa("xargs", ["-0", "cp", "--parents", "-t", template], { cwd: root, input: files.stdout });
    await pulumi("new", template, "--generate-only", "--yes", "--name", "vllm-inference");
  });
  after(() => {
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

  it("gives a project that can be deployed once its questions are answered", async () => {
    symlinkSync(path.join(root, "node_modules"), path.join(project(), "node_modules"));
    await pulumi("stack", "init", "organization/vllm-inference/new");
    const values = { kubeContext: context, kubeconfig, namespace: "template" };
    const pairs = Object.entries(values).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
    await pulumi("config", "set-all", "--stack", "new", ...pairs, "--secret", "hfToken=hf_canary");
    const policies = path.join(root, "policies");
    const preview = await pulumi("preview", "--stack", "new", "--non-interactive", "--policy-pack", policies);
    assert.match(preview, /vllm-deployment +create/);
    assert.doesNotMatch(preview, /hf_canary/);
    await up();
  });

  it("gives one under another name, too, whose stacks are its own", async () => {
    const file = path.join(project(), "Pulumi.yaml");
    await pulumi("new", path.join(folder, "template"), "--generate-only", "--yes", "--force", "--name", "my-llm");
    assert.equal((parse(readFileSync(file, "utf8")) as { name: string }).name, "my-llm");
    await pulumi("stack", "init", "organization/my-llm/new");
    const values = { kubeContext: context, kubeconfig, namespace: "template-named" };
    const pairs = Object.entries(values).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
    await pulumi("config", "set-all", "--stack", "new", ...pairs, "--secret", "hfToken=hf_canary");
    await up();
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

  /** Deploys, and takes it away again. */
  async function up(): Promise<void> {
    const made = await pulumi("up", "--stack", "new", "--yes", "--skip-preview", "--non-interactive");
    assert.match(made, /vllm-deployment created/);
    assert.match(made, /routeUrl +: "https:/);
    await pulumi("destroy", "--stack", "new", "--yes", "--skip-preview", "--non-interactive");
  }
});
