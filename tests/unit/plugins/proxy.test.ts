import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Session } from "../../../local/plugins/kubernetes/session";
import { parseSettings } from "../../../local/plugins/kubernetes/settings";
import { Engine } from "../../../local/plugins/shared/engine";

/** A name that nothing resolves: only a proxy can reach it. */
const host = "api.cluster.invalid:6443";
/** Without TLS, which the client accepts with this setting alone, and which a proxy needs no tunnel for. */
const plain = { server: `http://${host}`, "insecure-skip-tls-verify": true };
const variables = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"] as const;

describe("the connection of the kubernetes stand-in", () => {
  const environment = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
  const asked: string[] = [];
  /** Answers in the cluster's place, and refuses every tunnel. */
  const proxy = createServer((request, response) => {
    asked.push(`GET ${request.url ?? ""}`);
    response.end("{}");
  }).on("connect", ({ url }, socket) => {
    asked.push(`CONNECT ${url ?? ""}`);
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  let proxyUrl: string;

  const setEnvironment = (values: NodeJS.ProcessEnv): void => {
    for (const name of variables) {
      if (values[name] === undefined) delete process.env[name];
      else process.env[name] = values[name];
    }
  };
  /** Why the cluster cannot be reached; undefined where it can. */
  const trouble = async (cluster: object): Promise<string | undefined> => {
    const kubeconfig = JSON.stringify({
      clusters: [{ name: "far", cluster }],
      users: [{ name: "me", user: {} }],
      contexts: [{ name: "far", context: { cluster: "far", user: "me" } }],
      "current-context": "far",
    });
    const connection = await new Session(parseSettings({ kubeconfig }), new Engine(undefined)).connect();
    return "unreachable" in connection ? connection.unreachable : undefined;
  };

  before(async () => {
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  beforeEach(() => void asked.splice(0));
  after(() => {
    setEnvironment(environment);
    proxy.closeAllConnections();
    proxy.close();
  });

  it("goes through HTTPS_PROXY of the environment, in a tunnel, and says so when there is none", async () => {
    setEnvironment({ HTTPS_PROXY: proxyUrl });
    assert.match(
      (await trouble({ server: `https://${host}` })) ?? "",
      /^unable to load schema information from the API server: .*502/,
    );
    assert.deepEqual(asked, [`CONNECT ${host}`]);
  });

  it("goes through HTTP_PROXY to a server without TLS", async () => {
    setEnvironment({ HTTP_PROXY: proxyUrl });
    assert.equal(await trouble(plain), undefined);
    assert.deepEqual(asked, [`GET http://${host}/version`]);
  });

  it("goes directly to what NO_PROXY covers", async () => {
    setEnvironment({ HTTPS_PROXY: proxyUrl, NO_PROXY: ".cluster.invalid" });
    assert.match((await trouble({ server: `https://${host}` })) ?? "", /ENOTFOUND|EAI_AGAIN/);
    assert.deepEqual(asked, []);
  });

  it("prefers the proxy that the kubeconfig names, whatever NO_PROXY says", async () => {
    setEnvironment({ HTTP_PROXY: "http://127.0.0.1:1", NO_PROXY: "*" });
    assert.equal(await trouble({ ...plain, "proxy-url": proxyUrl }), undefined);
    assert.deepEqual(asked, [`GET http://${host}/version`]);
  });

  it("names a setting that is no URL, without the password in it", async () => {
    setEnvironment({ HTTPS_PROXY: "http://me:hunter2@:x" });
    assert.equal(
      await trouble({ server: `https://${host}` }),
      "unable to load schema information from the API server: 'HTTPS_PROXY' must be a URL; set it to one such as http://proxy:3128, or unset it.",
    );
  });
});
