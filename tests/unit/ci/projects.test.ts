import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gateway, inference, referencesOf, shownName, stackFile, stacksOf } from "../../../ci/projects";
import { UserError } from "../../../shared/errors";

describe("the stacks of a commit", () => {
  let root: string;
  const write = (file: string, text: string): void => writeFileSync(path.join(root, file), text);
  const shared = { project: gateway, name: "shared" };

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "vllm-stacks-"));
    mkdirSync(path.join(root, "gateway"));
    write(".gitignore", "/Pulumi.local.yaml\n");
    write("Pulumi.yaml", "name: vllm-inference");
    write("gateway/Pulumi.yaml", "name: vllm-gateway");
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it("are all that have a file, also with a dot in their name, but what git ignores", async () => {
    for (const file of ["Pulumi.dev.yaml", "Pulumi.eu-1.prod.yaml", "Pulumi.local.yaml", "gateway/Pulumi.dev.yaml"])
      write(file, "");
    assert.deepEqual((await stacksOf(root)).map(shownName), ["dev", "eu-1.prod", "gateway/dev"]);
  });

  it("are none where there is no file", async () => {
    assert.equal(await stackFile(root, shared, "/k"), undefined);
  });

  it("name a file that cannot be read, and none of its values", async () => {
    write("gateway/Pulumi.shared.yaml", "config:\n  vllm-gateway:models: [a: b: c\n");
    await assert.rejects(stackFile(root, shared, "/k"), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /^gateway\/Pulumi\.shared\.yaml cannot be read: .* at line \d+, column \d+$/);
      return true;
    });
    write("gateway/Pulumi.shared.yaml", "");
    write("gateway/Pulumi.yaml", "name: [");
    await assert.rejects(stackFile(root, shared, "/k"), /^UserError: gateway\/Pulumi\.yaml cannot be read: /);
  });

  it("refer to others, and to none in a file that cannot be read: another stack's preview goes on", async () => {
    write("gateway/Pulumi.shared.yaml", "config: { 'vllm-gateway:models': [{ stack: acme/vllm-inference/dev }] }");
    assert.deepEqual(await referencesOf(shared, [root]), ["organization/vllm-inference/dev"]);
    write("gateway/Pulumi.shared.yaml", "config: [");
    assert.deepEqual(await referencesOf(shared, [root]), []);
    assert.deepEqual(await referencesOf({ project: inference, name: "dev" }, [root]), []);
  });
});

describe("what stands on the cluster", () => {
  it("is a gateway that is deployed there, no entry in a LiteLLM elsewhere and no mere output", () => {
    const modes = [undefined, "", "deploy", "register", "direct"];
    assert.deepEqual(
      modes.map((mode) => gateway.isOnCluster({ "vllm-gateway:mode": mode })),
      [true, true, true, false, false],
    );
    assert.ok(inference.isOnCluster({}));
  });
});
