/** A cluster that does not answer, or not to this login: a preview goes on and says so, an `up` does not begin. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { repositoryRoot } from "../../local/paths";
import { TestStack } from "../../harness/stack";

describe("a cluster that does not answer", () => {
  let stack: TestStack;
  const kubeconfig = (name: string, server: string, ca: object, user: object): string => {
    const file = path.join(stack.directory, name);
    const { context } = stack.cluster;
    const content = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server, ...ca } }],
      users: [{ name: "u", user }],
      contexts: [{ name: context, context: { cluster: "c", user: "u" } }],
      "current-context": context,
    };
    writeFileSync(file, JSON.stringify(content));
    return file;
  };
  /** Secrets are encrypted anew by each command. */
  const state = async (): Promise<unknown> => {
    const text = (await stack.pulumi("stack", "export")).replaceAll(/"ciphertext": "[^"]*"/g, '"ciphertext": ""');
    return (JSON.parse(text) as { deployment: { resources?: object[] } }).deployment.resources ?? [];
  };

  before(async () => {
    stack = await TestStack.create("silent-cluster");
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
  });
  after(() => stack.remove());

  const cases: readonly [string, () => Promise<string>, RegExp][] = [
    [
      "whose kubeconfig is missing",
      () => Promise.resolve(path.join(stack.directory, "none")),
      /there is no kubeconfig \S+none\. .*oc login/,
    ],
    [
      "whose server is gone, on a port that browsers refuse",
      () => Promise.resolve(kubeconfig("dead", "https://127.0.0.1:6000", { "insecure-skip-tls-verify": true }, {})),
      /the cluster of context '\S+' does not answer \(connect ECONNREFUSED 127\.0\.0\.1:6000\)\. .*oc login/,
    ],
    [
      "whose kubeconfig has neither a CA nor a certificate, on such a port",
      () => Promise.resolve(kubeconfig("bare", "https://127.0.0.1:6000", {}, { token: "some" })),
      /the cluster of context '\S+' does not answer \(connect ECONNREFUSED 127\.0\.0\.1:6000\)\. .*oc login/,
    ],
    [
      "whose login has run out",
      async () => {
        const view = await stack.cluster.kubectl("config", "view", "--raw", "--minify", "--flatten", "-o", "json");
        const { clusters } = JSON.parse(view) as { clusters: { cluster: { server: string } & object }[] };
        const { server, ...ca } = clusters[0]!.cluster;
        return kubeconfig("expired", server, ca, { token: "run-out" });
      },
      /the cluster of context '\S+' does not take its login \(Unauthorized\)\. .*log in again with `oc login/,
    ],
  ];
  for (const [which, file, expected] of cases) {
    it(`${which}: a preview warns in one line, and up stops before anything`, async () => {
      stack.configure({ kubeconfig: await file() });
      const before = await state();
      const preview = await stack.preview();
      assert.equal(preview.exitCode, 0, preview.text);
      assert.match(preview.text, /The cluster was not asked: /);
      assert.match(preview.text, expected);
      const up = await stack.up();
      assert.notEqual(up.exitCode, 0, up.text);
      assert.match(up.text, /Nothing was touched: /);
      assert.match(up.text, expected);
      assert.match(up.text, /Do not set PULUMI_K8S_DELETE_UNREACHABLE/);
      assert.doesNotMatch(up.text, /\n +at /, "no stack trace");
      assert.deepEqual(await state(), before);
    });
  }

  it("is told by this program, and not by the provider's advice, in CI and where a refresh runs the program", async () => {
    stack.configure({ kubeconfig: kubeconfig("dead", "https://127.0.0.1:6000", {}, { token: "some" }) });
    const before = await state();
    const drift = ["-r", "ts-node/register/transpile-only", "ci/drift.ts", stack.name, "--cwd", stack.directory];
    const ci = await execa(process.execPath, drift, { cwd: repositoryRoot, env: stack.env, all: true, reject: false });
    const up = await stack.up("--refresh", "--run-program");
    for (const { exitCode, text } of [{ exitCode: ci.exitCode, text: ci.all }, up]) {
      assert.notEqual(exitCode, 0, text);
      assert.match(text, /Nothing was touched: .*ECONNREFUSED.*Do not set PULUMI_K8S_DELETE_UNREACHABLE/);
      assert.doesNotMatch(text, /rerunning the operation with/);
    }
    assert.deepEqual(await state(), before);
  });
});
