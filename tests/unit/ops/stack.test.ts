import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { exitCodes, OpsError } from "../../../ops/terminal/exitCodes";
import { wantedObjects } from "../../../ops/stack/differences";
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

  it("is mistaken for a command that changes something, and looked at as far as it goes by one that only looks", async () => {
    writeFileSync(
      path.join(folder, "Pulumi.half.yaml"),
      "config:\n  vllm-inference:kubeContext: c\n  vllm-inference:maxModelLen: many\n  vllm-inference:namespace: mine\n",
    );
    await assert.rejects(openStack({ cwd: folder, stack: "half" }), isUsage(/'maxModelLen' \(many\) must/));
    const stack = await openStack({ cwd: folder, stack: "half", tolerant: true });
    assert.match(stack.mistakes ?? "", /'maxModelLen' \(many\) must[^]*'hfToken'/);
    assert.deepEqual(
      [stack.target.namespace, stack.target.deployment, stack.connection.context],
      ["mine", "vllm", "c"],
    );
  });

  it("has its chat template in the project's own folder, whatever folder the command is run in", async () => {
    const config = "config:\n  vllm-inference:kubeContext: c\n  vllm-inference:hfToken: { secure: x }\n";
    writeFileSync(path.join(folder, "Pulumi.chat.yaml"), `${config}  vllm-inference:chatTemplate: chat.jinja\n`);
    await assert.rejects(
      openStack({ cwd: folder, stack: "chat" }),
      isUsage(/'chatTemplate' \(\/.*\/chat\.jinja\) must/),
    );
    writeFileSync(path.join(folder, "chat.jinja"), "{{ messages }}");
    const { args, models, given } = await openStack({ cwd: folder, stack: "chat" });
    const wanted = wantedObjects(args).find(({ metadata }) => metadata.name === "vllm-chat-template");
    assert.deepEqual((wanted?.inputs as { data?: object } | undefined)?.data, {
      "chat-template.jinja": "{{ messages }}",
    });
    assert.deepEqual([models[0]?.chatTemplate, given.chatTemplate], [path.join(folder, "chat.jinja"), "chat.jinja"]);
  });

  it("cannot be looked at where it names no cluster, and says all that is wrong", async () => {
    writeFileSync(path.join(folder, "Pulumi.none.yaml"), "config:\n  vllm-inference:maxModelLen: many\n");
    const stack = await openStack({ cwd: folder, stack: "none", tolerant: true });
    assert.throws(() => void stack.client(), isUsage(/'maxModelLen'[^]*'kubeContext'/));
  });

  it("with secrets behind a passphrase says, where nobody can be asked, how that is given", async () => {
    // As pulumi 3.259.0 says it.
    pulumi(
      "error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
      255,
    );
    const stack = await openStack({ cwd: folder, stack: "local" });
    await assert.rejects(
      stack.pulumi("stack", "output", "--show-secrets"),
      isUsage(
        /^The stack's secrets are encrypted with a passphrase; set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it\.$/,
      ),
    );
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

  for (const name of ["", "../dev", "lo cal", "acme/dev", "x".repeat(101)])
    it(`has a name that Pulumi takes, and this repository has a file for: '${name.slice(0, 20)}' is none`, async () => {
      const sentence =
        /^'--stack' \(.*\) must be the name of a stack, without its organization: .*\(files are here for: local\)\.$/;
      await assert.rejects(openStack({ cwd: folder, stack: name }), isUsage(sentence));
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

  for (const [content, sentence] of [
    ["config: [a]", /'config' must be keys and their values/],
    ["half a line", /Pulumi\.dev\.yaml: it must be keys and their values/],
    ["- a", /Pulumi\.dev\.yaml: it must be keys and their values/],
  ] as const)
    it(`has a configuration of keys: ${content}`, async () => {
      writeFileSync(path.join(folder, "Pulumi.dev.yaml"), content);
      await assert.rejects(openStack({ cwd: folder, stack: "dev" }), isUsage(sentence));
    });

  it("belongs to a project that has a name", async () => {
    writeFileSync(path.join(folder, "Pulumi.yaml"), "runtime: nodejs\n");
    await assert.rejects(openStack({ cwd: folder, stack: "local" }), isUsage(/names no project/));
  });
});
