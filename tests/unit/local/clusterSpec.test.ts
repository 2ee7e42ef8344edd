import assert from "node:assert/strict";
import { createServer } from "node:net";
import path from "node:path";
import { kwokctlComplaint } from "../../../local/cluster/kwokctl";
import { freePorts } from "../../../local/cluster/ports";
import {
  clusterLayout,
  kubeconfig,
  kwokctlConfiguration,
  portNames,
  specHash,
  type ClusterPorts,
} from "../../../local/cluster/spec";
import { toolNames, type ToolName } from "../../../local/toolchain";

const binaries = Object.fromEntries(toolNames.map((name) => [name, `/tools/${name}`])) as Record<ToolName, string>;
const ports: ClusterPorts = { etcd: 1, etcdPeer: 2, apiserver: 3, controllerManager: 4, scheduler: 5, kwok: 6 };

describe("the cluster's set-up", () => {
  const { options } = kwokctlConfiguration(binaries, ports) as { options: Record<string, unknown> };

  it("listens on the loopback interface only", () => {
    assert.equal(options["bindAddress"], "127.0.0.1");
  });

  it("gives kwokctl every binary, so that it downloads nothing", () => {
    const given = Object.entries(options).filter(([key]) => key.endsWith("Binary"));
    const expected = toolNames
      .filter((name) => name !== "kwokctl" && name !== "pulumi")
      .map((name) => `/tools/${name}`);
    assert.deepEqual(given.map(([, value]) => value).sort(), expected.sort());
  });

  it("gives every process its own port", () => {
    const given = Object.entries(options).filter(([key]) => key.endsWith("Port"));
    assert.deepEqual(given.map(([, value]) => value).sort(), [1, 2, 3, 4, 5, 6]);
  });

  it("keeps all files inside the state folder", () => {
    for (const file of Object.values(clusterLayout("/state")))
      assert.ok((file as string).startsWith("/state/"), file as string);
  });

  it("is written anew when a binary, a flag or its folder changes, and only then", () => {
    const hash = specHash(binaries, ["--a"], "/state");
    assert.equal(specHash({ ...binaries }, ["--a"], "/state"), hash);
    assert.notEqual(specHash({ ...binaries, etcd: "/usr/bin/etcd" }, ["--a"], "/state"), hash);
    assert.notEqual(specHash(binaries, ["--b"], "/state"), hash);
    assert.notEqual(specHash(binaries, ["--a"], "/moved"), hash);
  });

  it("gives a kubeconfig that needs no other file and names its context", () => {
    const config = kubeconfig(3, { ca: Buffer.from("ca"), cert: Buffer.from("cert"), key: Buffer.from("key") });
    assert.deepEqual(config, {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "local",
      clusters: [{ name: "local", cluster: { server: "https://127.0.0.1:3", "certificate-authority-data": "Y2E=" } }],
      users: [{ name: "local", user: { "client-certificate-data": "Y2VydA==", "client-key-data": "a2V5" } }],
      contexts: [{ name: "local", context: { cluster: "local", user: "local" } }],
    });
    assert.equal(path.basename(clusterLayout("/state").kubeconfig), "kubeconfig");
  });
});

describe("free ports", () => {
  it("are as many as there are listeners, all different, and below the outgoing ones", async () => {
    const chosen = Object.values(await freePorts()) as number[];
    assert.equal(new Set(chosen).size, portNames.length);
    assert.ok(chosen.every((port) => port >= 20_000 && port < 32_000));
  });

  it("leave out one that is taken", async () => {
    const server = createServer();
    const taken = 21_000;
    await new Promise<void>((done) => server.listen(taken, "127.0.0.1", done));
    const random = Math.random;
    try {
      // The first draw is the taken port.
      const draws = [(taken - 20_000) / 12_000];
      Math.random = () => draws.shift() ?? random();
      assert.ok(!Object.values(await freePorts()).includes(taken));
    } finally {
      Math.random = random;
      server.close();
    }
  });
});

describe("kwokctl's complaint", () => {
  it("is the last error of its log", () => {
    const log = [
      '{"level":"INFO","msg":"Cluster is starting"}',
      '{"level":"ERROR","msg":"Failed to setup config","err":"no space left"}',
      '{"level":"ERROR","msg":"Execute exit","err":"no space left on device"}',
    ];
    assert.equal(kwokctlComplaint(log.join("\n")), "Execute exit: no space left on device");
  });
  it("is the end of its output where that is no log", () => {
    assert.equal(kwokctlComplaint("Error: unknown flag: --x\n"), "Error: unknown flag: --x");
  });
});
