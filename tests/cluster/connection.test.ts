import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse, stringify } from "yaml";
import { clusterClient } from "../../components/cluster/client";
import { type TestCluster, testCluster } from "../../harness/cluster";
import { TestStack } from "../../harness/stack";

/** A name that nothing resolves: only a proxy can reach it. */
const host = "api.cluster.invalid:6443";
const variables = ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"] as const;

interface Kubeconfig {
  clusters: { name: string; cluster: Record<string, unknown> }[];
  users: { name: string; user: Record<string, unknown> }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
}

interface Changes {
  cluster?: Record<string, unknown>;
  user?: Record<string, unknown>;
}

describe("the hooks' client", () => {
  const connected: string[] = [];
  const environment = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
  let cluster: TestCluster;
  let directory: string;
  let proxy: Server;
  let proxyUrl: string;

  const setEnvironment = (values: NodeJS.ProcessEnv): void => {
    for (const name of variables) {
      if (values[name] === undefined) delete process.env[name];
      else process.env[name] = values[name];
    }
  };
  /** A kubeconfig of the same cluster with other settings. */
  const kubeconfigWith = (changes: Changes): string => {
    const text = parse(readFileSync(cluster.kubeconfig, "utf8")) as Kubeconfig;
    Object.assign(text.clusters[0]?.cluster ?? {}, changes.cluster);
    if (changes.user && text.users[0]) text.users[0].user = changes.user;
    const kubeconfig = path.join(directory, "kubeconfig");
    writeFileSync(kubeconfig, stringify(text));
    return kubeconfig;
  };
  const client = (changes: Changes) => clusterClient({ kubeconfig: kubeconfigWith(changes), context: cluster.context });
  const far = { server: `https://${host}`, "tls-server-name": "localhost" };
  const answers = async (settings: Record<string, unknown>): Promise<void> => {
    const answer = await (await client({ cluster: settings })).get("/version");
    assert.match((answer?.body as { gitVersion: string }).gitVersion, /^v1\./);
  };

  before(async () => {
    cluster = await testCluster();
    directory = mkdtempSync(path.join(tmpdir(), "vllm-connection-"));
    const { clusters } = parse(readFileSync(cluster.kubeconfig, "utf8")) as Kubeconfig;
    const { hostname, port } = new URL(String(clusters[0]?.cluster.server));
    proxy = createServer();
    proxy.on("connect", ({ url }, socket) => {
      connected.push(String(url));
      const target = connect(Number(port), hostname, () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
      target.on("error", () => socket.destroy());
      socket.on("error", () => target.destroy());
      socket.pipe(target).pipe(socket);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    connected.length = 0;
    setEnvironment({});
  });
  after(() => {
    setEnvironment(environment);
    proxy.closeAllConnections();
    proxy.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it("goes through HTTPS_PROXY of the environment, as the official provider does", async () => {
    setEnvironment({ HTTPS_PROXY: proxyUrl });
    await answers(far);
    assert.deepEqual(connected, [host]);
  });

  it("goes directly to what NO_PROXY covers", async () => {
    setEnvironment({ HTTPS_PROXY: proxyUrl, NO_PROXY: "10.0.0.0/8,.cluster.invalid" });
    await assert.rejects(answers(far), ({ cause }) => /ENOTFOUND|EAI_AGAIN/.test(String(cause)));
    assert.deepEqual(connected, []);
  });

  it("goes directly to a cluster on this machine", async () => {
    setEnvironment({ HTTPS_PROXY: proxyUrl });
    await answers({});
    assert.deepEqual(connected, []);
  });

  it("prefers the proxy that the kubeconfig names, whatever NO_PROXY says", async () => {
    setEnvironment({ HTTPS_PROXY: "http://127.0.0.1:1", NO_PROXY: "*" });
    await answers({ ...far, "proxy-url": proxyUrl });
    assert.deepEqual(connected, [host]);
  });

  it("and the provider bring the whole program up through that proxy", async () => {
    const stack = await TestStack.create("behind-a-proxy");
    try {
      stack.configure({ kubeconfig: kubeconfigWith({ cluster: { ...far, "proxy-url": proxyUrl } }) });
      const { exitCode, text } = await stack.up();
      assert.equal(exitCode, 0, text);
      assert.deepEqual([...new Set(connected)], [host]);
    } finally {
      await stack.remove();
    }
  });

  it("logs in by the command that the kubeconfig names", async () => {
    const token = (await cluster.kubectl("-n", "default", "create", "token", "default")).trim();
    const apiVersion = "client.authentication.k8s.io/v1";
    const credential = JSON.stringify({ apiVersion, kind: "ExecCredential", status: { token } });
    const exec = { apiVersion, command: "/bin/echo", args: [credential], interactiveMode: "Never" };
    const answer = await (
      await client({ user: { exec } })
    ).send("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
      apiVersion: "authentication.k8s.io/v1",
      kind: "SelfSubjectReview",
    });
    const { status } = answer as { status: { userInfo: { username: string } } };
    assert.equal(status.userInfo.username, "system:serviceaccount:default:default");
  });
});
