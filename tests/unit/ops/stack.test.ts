import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { exitCodes, OpsError } from "../../../ops/terminal/exitCodes";
import { openStack } from "../../../ops/stack/openStack";

describe("the stack that a command is about", function () {
  let folder: string;
  const { PATH } = process.env;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "ops-stack-"));
    writeFileSync(path.join(folder, "Pulumi.yaml"), "name: vllm-inference\nruntime: nodejs\n");
    writeFileSync(
      path.join(folder, "Pulumi.local.yaml"),
      "config:\n  vllm-inference:kubeContext: c\n  vllm-inference:hfToken: { secure: x }\n",
    );
  });
  afterEach(() => {
    process.env["PATH"] = PATH;
    rmSync(folder, { recursive: true, force: true });
  });

  /** A `pulumi` that says this and ends so. */
  function pulumi(said: string, exitCode: number): void {
    const file = path.join(folder, "pulumi");
    writeFileSync(file, `#!/bin/sh\necho '${said}' >&2\nexit ${exitCode}\n`);
    chmodSync(file, 0o755);
    process.env["PATH"] = `${folder}:/usr/bin:/bin`;
  }

  const isUsage =
    (pattern: RegExp) =>
    (error: unknown): boolean => {
      assert.ok(error instanceof OpsError, String(error));
      assert.match(error.message, pattern);
      assert.equal(error.exitCode, exitCodes.usage);
      return true;
    };

  it("is local where none is selected", async () => {
    pulumi("error: no stack selected; please use `pulumi stack select`", 1);
    assert.equal((await openStack({ cwd: folder })).name, "local");
  });

  it("must be named where pulumi cannot tell it, since the selected one may be of another cluster", async () => {
    pulumi("error: the access token has expired", 3);
    const sentence =
      /^Which stack is selected cannot be told; name it with --stack <name> \(files are here for: local\)\. .*the access token has expired$/;
    await assert.rejects(openStack({ cwd: folder }), isUsage(sentence));
  });

  it("must be named where there is no pulumi", async () => {
    process.env["PATH"] = folder;
    await assert.rejects(
      openStack({ cwd: folder }),
      isUsage(/name it with --stack <name> \(files.*\)\. There is no `pulumi`/),
    );
  });

  it("has a file that is YAML", async () => {
    writeFileSync(path.join(folder, "Pulumi.dev.yaml"), "config: {\n");
    await assert.rejects(openStack({ cwd: folder, stack: "dev" }), isUsage(/Pulumi\.dev\.yaml cannot be read: /));
  });

  it("is told among those that have a file where its name is mistyped or cannot be told", async () => {
    writeFileSync(path.join(folder, "Pulumi.dev.yaml"), "config: {}\n");
    const sentence = /Pulumi\.lcoal\.yaml; .*\(files are here for: dev, local\)\.$/;
    await assert.rejects(openStack({ cwd: folder, stack: "lcoal" }), isUsage(sentence));
  });

  it("is named in what its configuration lacks, as another may be selected", async () => {
    writeFileSync(path.join(folder, "Pulumi.dev.yaml"), "config:\n  vllm-inference:kubeContext: c\n");
    const mend = /set it with `pulumi config set --stack dev --secret hfToken`/;
    await assert.rejects(openStack({ cwd: folder, stack: "dev" }), isUsage(mend));
  });

  it("names a context that the kubeconfig has; that it does not is a mistake of the configuration", async () => {
    const { HOME, KUBECONFIG } = process.env;
    process.env["HOME"] = folder;
    delete process.env["KUBECONFIG"];
    try {
      const stack = await openStack({ cwd: folder, stack: "local" });
      const sentence =
        /^'kubeContext' \(c\) must be a context of the default kubeconfig, which has none; set it with `pulumi config set --stack local kubeContext <context>`\.$/;
      await assert.rejects(stack.client(), isUsage(sentence));
    } finally {
      process.env["HOME"] = HOME;
      if (KUBECONFIG !== undefined) process.env["KUBECONFIG"] = KUBECONFIG;
    }
  });

  it("has a configuration of keys", async () => {
    writeFileSync(path.join(folder, "Pulumi.dev.yaml"), "config: [a]\n");
    await assert.rejects(openStack({ cwd: folder, stack: "dev" }), isUsage(/'config' must be keys and their values/));
  });

  it("belongs to a project that has a name", async () => {
    writeFileSync(path.join(folder, "Pulumi.yaml"), "runtime: nodejs\n");
    await assert.rejects(openStack({ cwd: folder, stack: "local" }), isUsage(/names no project/));
  });
});
