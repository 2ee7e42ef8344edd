/** The package in plugin/, as programs in other languages use it: one in YAML stands for all, because its host can be built here. */
import assert from "node:assert/strict";
import { mkdtempSync, symlinkSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { canaryToken, TestStack } from "../../harness/stack";
import { resolveTool } from "../../local/toolchain";
import schema from "../../plugin/schema.json";

const plugin = path.resolve(__dirname, "../../plugin");
const namespace = "other-languages";

describe("a program in YAML", () => {
  let stack: TestStack;
  const resource = (type: string, properties: object) => {
    const { context, kubeconfig } = stack.cluster;
    const cluster = { context, kubeconfig };
    return {
      type: `vllm-inference:${type}`,
      properties: { cluster, namespace, ...properties },
    };
  };
  /** Two models beside each other, the second one as it is told. */
  const write = (coder?: object): void => {
    const names = { namespace: "${shared.namespace}", hfTokenSecret: "${shared.tokenSecret}" };
    const own = { createNamespace: false, ...names };
    stack.rewrite({
      resources: {
        shared: resource("SharedNamespace", { hfToken: { "fn::secret": canaryToken } }),
        vllm: resource("VllmInference", own),
        ...(coder && { coder: resource("VllmInference", { ...own, routeEnabled: false, ...coder }) }),
      },
      outputs: { url: "${vllm.routeUrl}", key: "${vllm.apiKey}", ...(coder && { internal: "${coder.internalUrl}" }) },
    });
  };

  before(async () => {
    stack = await TestStack.create(namespace, { project: namespace, yaml: { packages: { "vllm-inference": plugin } } });
    const folder = mkdtempSync(path.join(stack.directory, "bin-"));
    symlinkSync(await resolveTool("pulumi-language-yaml"), path.join(folder, "pulumi-language-yaml"));
    stack.env.PATH = [folder, stack.env.PATH].join(path.delimiter);
  });
  after(() => stack.remove());

  it("learns from the package what there is", async () => {
    const { stdout } = await execa("pulumi", ["package", "get-schema", plugin], {
      cwd: stack.directory,
      env: stack.env,
    });
    assert.deepEqual(Object.keys((JSON.parse(stdout) as typeof schema).resources), Object.keys(schema.resources));
  });

  it("hears of all mistakes at once, before anything is applied", async () => {
    stack.rewrite({ resources: { vllm: resource("VllmInference", { maxModelLen: 0, routePath: "/" }) } });
    const { exitCode, text } = await stack.up();
    assert.notEqual(exitCode, 0);
    for (const field of ["maxModelLen", "routePath", "hfToken"]) assert.match(text, new RegExp(`'${field}'`));
    assert.doesNotMatch(text, /\.ts:\d+|\.js:\d+/);
    assert.equal(await stack.cluster.kubectl("get", "namespace", namespace, "--ignore-not-found", "-o", "name"), "");
  });

  it("is told of a cluster that cannot be asked, before anything is touched", async () => {
    const cluster = { context: stack.cluster.context, kubeconfig: "/nowhere/kubeconfig" };
    stack.rewrite({ resources: { shared: resource("SharedNamespace", { cluster }) } });
    const previewed = await stack.preview();
    assert.match(previewed.text, /The cluster was not asked: there is no kubeconfig \/nowhere\/kubeconfig/);
    const { exitCode, text } = await stack.up();
    assert.notEqual(exitCode, 0);
    assert.match(text, /Nothing was touched: there is no kubeconfig \/nowhere\/kubeconfig/);
  });

  it("refuses two models that would make one namespace: taking one away would delete the other", async () => {
    const own = { hfToken: { "fn::secret": canaryToken } };
    stack.rewrite({ resources: { vllm: resource("VllmInference", own), coder: resource("VllmInference", own) } });
    const { exitCode, text } = await stack.up();
    assert.notEqual(exitCode, 0);
    assert.match(text, new RegExp(`Namespace '${namespace}' would be made by two components of this program`));
    assert.equal(await stack.cluster.kubectl("get", "namespace", namespace, "--ignore-not-found", "-o", "name"), "");
  });

  it("brings up two models, which serve when it is done, and then has nothing to change", async () => {
    write({});
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.doesNotMatch(text, new RegExp(canaryToken));
    const { url, internal, key } = await stack.outputs();
    assert.deepEqual(
      [url, internal],
      [`https://vllm-${namespace}.apps.local.test`, `http://coder.${namespace}.svc:8000`],
    );
    assert.match(String(key), /^[A-Za-z0-9]{40}$/);
    assert.doesNotMatch(await stack.pulumi("stack", "output", "--json"), new RegExp(String(key)));
    const again = await stack.preview("--expect-no-changes");
    assert.equal(again.exitCode, 0, again.text);
  });

  it("hears why a model does not come up, and keeps the other", async () => {
    write({ nodeSelector: { pool: "none" } });
    const { exitCode, text } = await stack.up();
    assert.notEqual(exitCode, 0);
    assert.match(text, /gpu-worker-0 lacks pool=none/);
    assert.match(await stack.cluster.kubectl("-n", namespace, "get", "deployment", "vllm", "-o", "name"), /vllm/);
  });

  it("takes one model away and leaves the other as it is", async () => {
    const { kubectl } = stack.cluster;
    const uid = () => kubectl("-n", namespace, "get", "deployment", "vllm", "-o", "jsonpath={.metadata.uid}");
    const before = await uid();
    write();
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.equal(await uid(), before);
    assert.equal(
      await kubectl("-n", namespace, "get", "deployment,pvc", "-o", "name"),
      "deployment.apps/vllm\npersistentvolumeclaim/vllm-models-cache",
    );
  });
});
