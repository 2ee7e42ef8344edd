/** The commands of the workflows, run as the workflows run them, in a clone whose working tree differs from its commit. */
import assert from "node:assert/strict";
import { readFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import type { PreviewReport } from "../../ci/report";
import { TestStack } from "../../harness/stack";

const root = path.resolve(__dirname, "../..");

const node = (cwd: string, env: NodeJS.ProcessEnv, script: string, ...args: string[]) =>
  execa("node", ["-r", "ts-node/register/transpile-only", script, ...args], { cwd, env, reject: false, all: true });

describe("npm run ci:preview", () => {
  let clone: string;
  let reports: PreviewReport[];
  let outcome: { exitCode?: number | undefined; stdout: string; stderr: string };
  /** The LiteLLM that a stack names, which is somebody's: no preview may ask it anything. */
  let real: Server;
  const asked: string[] = [];

  before(async function () {
    real = createServer(({ method, url }, response) => {
      asked.push(`${method} ${url}`);
      response.writeHead(500).end();
    });
    await new Promise<void>((listening) => real.listen(0, "127.0.0.1", listening));
    clone = mkdtempSync(path.join(tmpdir(), "vllm-clone-"));
    // What git knows of this clone as it is now, changes that are not committed included.
    const files = await execa("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root });
    await execa("xargs", ["-0", "cp", "--parents", "-t", clone], { cwd: root, input: files.stdout });
    const git = (...args: string[]) =>
      execa("git", ["-c", "user.name=test", "-c", "user.email=test@example.invalid", ...args], { cwd: clone });
    const set = (stackFile: string, values: object): void => {
      const file = path.join(clone, stackFile);
      const { config, ...rest } = parse(readFileSync(file, "utf8")) as { config: object };
      writeFileSync(file, stringify({ ...rest, config: { ...config, ...values } }));
    };
    // What a stack that others deploy has in its file, and nobody else can read.
    const owners = {
      encryptionsalt: "v1:bm90LWEtc2FsdA==:v1:nothing",
      config: { "vllm-inference:hfToken": { secure: "v1:of-its-owner" }, "vllm-inference:createNamespace": "false" },
    };
    const dev = parse(readFileSync(path.join(clone, "Pulumi.dev.yaml"), "utf8")) as { config: object };
    writeFileSync(
      path.join(clone, "Pulumi.dev.yaml"),
      stringify({
        ...dev,
        ...owners,
        config: { ...dev.config, ...owners.config, "vllm-inference:storageClassName": "gp3" },
      }),
    );
    // Its name comes before the other's: what is made to preview it is taken away while the run goes on.
    const shared = {
      "vllm-gateway:mode": "register",
      "vllm-gateway:litellmUrl": `http://127.0.0.1:${(real.address() as AddressInfo).port}`,
      "vllm-gateway:litellmAdminKey": { secure: "v1:of-its-owner" },
      "vllm-gateway:aliases": ["claude-a"],
      "vllm-gateway:models": [{ stack: "acme/vllm-inference/dev" }, { stack: "acme/vllm-inference/elsewhere" }],
    };
    writeFileSync(path.join(clone, "gateway/Pulumi.archive.yaml"), stringify({ config: shared }));
    // A file that nothing can read, until the change mends it.
    writeFileSync(path.join(clone, "gateway/Pulumi.laptop.yaml"), "config: [\n");
    await git("init", "--quiet", "--initial-branch=main");
    await git("add", "--all");
    await git("commit", "--quiet", "--message", "base");
    symlinkSync(path.join(root, "node_modules"), path.join(clone, "node_modules"));
    set("gateway/Pulumi.dev.yaml", { "vllm-gateway:masterKeyRotation": 2 });
    set("gateway/Pulumi.archive.yaml", { "vllm-gateway:models": [{ stack: "acme/vllm-inference/dev" }] });
    const laptop = {
      "vllm-gateway:mode": "direct",
      "vllm-gateway:models": [{ stack: "acme/vllm-inference/elsewhere", aliases: ["big"] }],
    };
    writeFileSync(path.join(clone, "gateway/Pulumi.laptop.yaml"), stringify({ config: laptop }));
    set("Pulumi.dev.yaml", {
      "vllm-inference:servedModelNames": ["coder"],
      "vllm-inference:nodeSelector": { "nvidia.com/gpu.product": "NVIDIA-L40S" },
    });
    const json = path.join(clone, "preview.json");
    const stacks = [
      "dev",
      "prod",
      "gateway/dev",
      "gateway/archive",
      "gateway/laptop",
      "--base",
      "HEAD",
      "--json",
      json,
    ];
    const result = await execa("npm", ["run", "--silent", "ci:preview", "--", ...stacks], {
      cwd: clone,
      reject: false,
      all: true,
    });
    outcome = result;
    assert.ok(result.stdout.startsWith("## What this change does to the stacks"), result.all);
    reports = JSON.parse(readFileSync(json, "utf8")) as PreviewReport[];
  });
  after(() => {
    real.close();
    rmSync(clone, { recursive: true, force: true });
  });

  const reportOf = (stack: string): PreviewReport => {
    const found = reports.find((report) => report.stack === stack);
    assert.ok(found, outcome.stdout);
    return found;
  };

  it("shows what changes in a deployed stack, not what is created", () => {
    const { base, changes } = reportOf("dev");
    assert.equal(base.state, "deployed", base.notes.join());
    const server = changes.find(({ kind }) => kind === "Deployment");
    assert.equal(server?.operation, "update");
    assert.deepEqual(
      server?.fields.map(({ path: field, after }) => `${field}=${after}`),
      [
        "spec.template.spec.containers[server].args --served-model-name=Qwen/Qwen2.5-7B-Instruct-AWQ coder",
        'spec.template.spec.nodeSelector={"nvidia.com/gpu.product":"NVIDIA-L40S"}',
      ],
    );
    assert.ok(!changes.some(({ operation }) => operation === "create"));
  });

  it("says that the model restarts, that nothing is lost and what the policies think", () => {
    const { restart, losses, policies } = reportOf("dev");
    assert.deepEqual(
      restart?.phases.map(({ seconds }) => seconds),
      [660, 600, 805],
    );
    assert.deepEqual(losses, []);
    assert.deepEqual(policies.packs, ["vllm-policies"]);
    assert.deepEqual(
      [...new Set(policies.findings.map(({ policy, level }) => `${level} ${policy}`))],
      ["advisory pin-image-tag"],
    );
  });

  it("reports that prod is refused for want of a digest, as it was before, and still previews it", () => {
    const { refusal, changes, errors } = reportOf("prod");
    assert.match(refusal?.text ?? "", /'image' .*must .*digest/);
    assert.equal(refusal?.isNew, false);
    assert.deepEqual([changes, errors], [[], []]);
    assert.equal(outcome.exitCode, 0, outcome.stdout);
  });

  it("shows what the change of the model's stack does to the gateway: its list, its pods one by one, no outage", () => {
    const { base, changes, restart, rollout, policies, errors } = reportOf("gateway/dev");
    assert.equal(base.state, "deployed", base.notes.join());
    assert.match(base.notes.join("\n"), /simulated model.*\n.*organization\/vllm-inference\/dev: as this run's own/);
    const config = changes.find(({ kind }) => kind === "ConfigMap");
    const [first] = config?.fields ?? [];
    assert.match(first?.path ?? "", /^data\["config\.yaml"\]\.model_list\[claude-[\w-]+\]\.litellm_params\.model$/);
    assert.deepEqual([first?.before, first?.after], ["hosted_vllm/Qwen2.5-7B-Instruct-AWQ", "hosted_vllm/coder"]);
    assert.deepEqual([...new Set(changes.map(({ operation, kind }) => `${operation} ${kind}`))].sort(), [
      "replace ConfigMap",
      "replace RandomPassword",
      "update Deployment",
      "update Secret",
    ]);
    assert.deepEqual(rollout?.because, ["the master key", "spec.template.spec.volumes[config].configMap.name"]);
    assert.deepEqual([restart, errors, policies.packs], [undefined, [], ["vllm-policies"]]);
  });

  it("shows what changes in the entries of a LiteLLM that exists, though it asks it nothing", () => {
    const { base, changes, losses, errors } = reportOf("gateway/archive");
    assert.equal(base.state, "deployed", base.notes.join());
    const [simulated, ...outputs] = base.notes;
    assert.match(simulated ?? "", /entries went to a simulated LiteLLM, not to yours/);
    assert.deepEqual(
      outputs.map((note) => note.split(":")[0]),
      [
        "Outputs of organization/vllm-inference/dev",
        "Outputs of organization/vllm-inference/elsewhere in the base commit",
      ],
    );
    const fields = [
      {
        path: "entry.litellm_params.model",
        before: "hosted_vllm/Qwen2.5-7B-Instruct-AWQ",
        after: "hosted_vllm/coder",
      },
    ];
    const name = "litellm-claude-a-organization/vllm-inference/dev";
    const gone = "litellm-claude-a-organization/vllm-inference/elsewhere";
    assert.deepEqual(changes, [
      { operation: "update", kind: "Registration", name, fields },
      { operation: "delete", kind: "Registration", name: gone, fields: [] },
    ]);
    assert.deepEqual([losses, errors], [[], []]);
    assert.deepEqual(asked, []);
  });

  it("previews a stack whose file could not be read before, with an alias that a model elsewhere is taken to serve", () => {
    const { base, outputs, errors } = reportOf("gateway/laptop");
    assert.deepEqual([base.state, errors], ["unreadable", []]);
    assert.match(base.notes[0] ?? "", /^gateway\/Pulumi\.laptop\.yaml cannot be read: /);
    assert.ok(outputs.some(({ path: field, after }) => field === "aliases" && after === '["big"]'));
  });

  it("names the gateway's key among what would be lost", () => {
    const { losses } = reportOf("gateway/dev");
    assert.match(losses.join("\n"), /^RandomPassword litellm-master-key \(replace\): the master key.*$/);
  });

  it("changes nothing in the clone", async () => {
    const { stdout } = await execa("git", ["status", "--porcelain", "--ignored"], { cwd: clone });
    const changed = stdout.split("\n").map((line) => line.slice(3));
    assert.deepEqual(changed.sort(), [
      "Pulumi.dev.yaml",
      "gateway/Pulumi.archive.yaml",
      "gateway/Pulumi.dev.yaml",
      "gateway/Pulumi.laptop.yaml",
      "node_modules",
      "policies/bin/",
      "preview.json",
    ]);
  });
});

describe("npm run ci:drift", () => {
  let stack: TestStack;
  const namespace = "ci-drift";
  const drift = () => node(root, stack.env, "ci/drift.ts", stack.name, "--cwd", stack.directory);

  before(async () => {
    stack = await TestStack.create(namespace);
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
  });
  after(() => stack.remove());

  it("is content with what `up` has left", async () => {
    const { exitCode, all } = await drift();
    assert.equal(exitCode, 0, all);
  });

  it("fails and names the field when somebody has changed the Deployment, and changes nothing", async () => {
    const kubectl = (...args: string[]) => stack.cluster.kubectl("-n", namespace, ...args);
    await kubectl("set", "image", "deployment/vllm", "server=quay.io/somebody/else:1", "--field-manager=oc");
    const { exitCode, all } = await drift();
    assert.notEqual(exitCode, 0, all);
    assert.match(all, /quay\.io\/somebody\/else:1/);
    assert.match(await kubectl("get", "deployment/vllm", "-o", "yaml"), /quay\.io\/somebody\/else:1/);
  });
});

describe("npm run ci:deploy", () => {
  it("deploys, and fails all the same where no model answers the smoke test", async () => {
    const stack = await TestStack.create("ci-smoke");
    try {
      const { exitCode, all } = await node(root, stack.env, "ci/deploy.ts", stack.name, "--cwd", stack.directory);
      assert.match(all, /\+ \d+ created/);
      // The embedded cluster's router has names that nobody resolves.
      assert.match(all, /cannot be reached/);
      assert.equal(exitCode, 1, all);
    } finally {
      await stack.remove();
    }
  });

  it("ends with pulumi's failure and asks nobody anything, where `up` is refused", async () => {
    const stack = await TestStack.create("ci-deploy", { config: { namespace: "ci-deploy", maxModelLen: -1 } });
    try {
      const { exitCode, all } = await node(root, stack.env, "ci/deploy.ts", stack.name, "--cwd", stack.directory);
      assert.notEqual(exitCode, 0, all);
      assert.match(all, /'maxModelLen' \(-1\)/);
      assert.doesNotMatch(all, /smoke/);
    } finally {
      await stack.remove();
    }
  });
});
