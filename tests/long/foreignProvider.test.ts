import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { parse, stringify } from "yaml";
import { TestStack } from "../../harness/stack";

describe("a component with a provider of somebody else", () => {
  const namespace = "foreign-provider";
  let stack: TestStack;
  let empty: Server;
  before(async () => {
    const main = path.join(__dirname, "programs/foreignProvider");
    stack = await TestStack.create(namespace, { main, project: "foreign-provider" });
    const { kubeconfig, context } = stack.cluster;
    Object.assign(stack.env, { TEST_PROVIDER: kubeconfig, TEST_CONTEXT: context, TEST_NAMESPACE: namespace });
    empty = createServer((_, response) => {
      response.writeHead(404, { "content-type": "application/json" }).end('{"kind":"Status","code":404}');
    });
    await new Promise<void>((resolve) => empty.listen(0, "127.0.0.1", resolve));
  });
  after(async () => {
    await stack.remove();
    await new Promise((resolve) => empty.close(resolve));
  });

  it("is refused with the first object that `cluster` does not show, before the claim and the Deployment", async () => {
    const other = path.join(stack.directory, "other.kubeconfig");
    const url = `http://127.0.0.1:${(empty.address() as AddressInfo).port}`;
    const config = parse(readFileSync(stack.cluster.kubeconfig, "utf8")) as { clusters: { cluster: object }[] };
    for (const each of config.clusters) each.cluster = { server: url, "insecure-skip-tls-verify": true };
    writeFileSync(other, stringify(config));
    Object.assign(stack.env, { TEST_CLUSTER: other });
    const { exitCode, text } = await stack.up();
    assert.notEqual(exitCode, 0, text);
    assert.match(
      text,
      /'cluster' must be the cluster of the component's provider: Namespace 'foreign-provider', which the provider has just made, is not there/,
    );
    assert.equal(await stack.cluster.kubectl("-n", namespace, "get", "deploy,pvc", "-o", "name"), "");
  });

  it("comes up where both are the same cluster", async () => {
    Object.assign(stack.env, { TEST_CLUSTER: stack.cluster.kubeconfig });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.deepEqual(await stack.outputs(), { url: `https://vllm-${namespace}.apps.local.test` });
  });
});
