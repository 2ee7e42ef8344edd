/** The pack as another team gets it: the archive of `npm pack`, installed by npm into a project that has nothing of this repository. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { TestStack } from "../../harness/stack";
import { dependencies, version } from "../../policies/package.json";

const pack = path.resolve(__dirname, "../../policies");

/** A Deployment of vLLM with a rolling update; of Pulumi's packages it needs the SDK alone. */
const program = `
const pulumi = require("@pulumi/pulumi");
class Provider extends pulumi.ProviderResource {}
const provider = new Provider("kubernetes", "cluster", { kubeconfig: process.env.TEST_KUBECONFIG });
const labels = { app: "llm" };
const containers = [{ name: "llm", image: "registry.example/llm:1", command: ["vllm", "serve", "/m"] }];
new pulumi.CustomResource("kubernetes:apps/v1:Deployment", "llm", {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "llm", namespace: "default" },
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { enableServiceLinks: false, containers } } },
}, { provider });
`;

describe("the pack's archive in a stranger's project", () => {
  let folder: string;
  let stack: TestStack | undefined;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "vllm-stranger-"));
    writeFileSync(path.join(folder, "index.js"), program);
    const manifest = {
      name: "stranger",
      private: true,
      dependencies: { "@pulumi/pulumi": dependencies["@pulumi/pulumi"] },
    };
    writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
    await execa("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: pack });
    // Two lines of docs/policies.md, and what keeps npm from asking for more than the packages.
    const archive = `./vllm-policies-${version}.tgz`;
    await execa("npm", ["install", "--save-dev", archive, "--prefer-offline", "--no-audit", "--no-fund"], {
      cwd: folder,
    });
    stack = await TestStack.create("stranger", { main: folder, project: "stranger" });
    stack.env.TEST_KUBECONFIG = stack.cluster.kubeconfig;
    // A stranger's JavaScript has nothing of this repository's compiler options.
    delete stack.env.PULUMI_NODEJS_TSCONFIG_PATH;
  });
  after(async () => {
    await stack?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it("refuses the stranger's mistake at preview, by name, value, rule and remedy", async () => {
    const installed = path.join(folder, "node_modules/vllm-policies");
    const { exitCode, text } = await stack!.preview("--policy-pack", installed);
    assert.notEqual(exitCode, 0, text);
    assert.match(text, /\[mandatory\] {2}require-recreate /);
    assert.ok(text.includes(`'spec.strategy.type' (absent) must be "Recreate", because it serves vLLM`), text);
    assert.ok(!text.includes("can't run policy"), text);
  });
});
