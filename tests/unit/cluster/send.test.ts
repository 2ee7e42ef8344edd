import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { HttpMethod, RequestContext } from "@kubernetes/client-node";
import { clusterClient } from "../../../components/cluster/client";
import { sendRequest } from "../../../components/cluster/send";
import { causeText } from "../../../components/cluster/trouble";

/** As the library makes one where the kubeconfig has neither a CA nor a certificate nor a proxy: it names no connection. */
const bare = (url: string): RequestContext => new RequestContext(url, HttpMethod.GET);

describe("a request without a connection of the library's", () => {
  const server = createServer((request, response) => {
    if (request.url === "/silent") return;
    if (request.url === "/api") return void response.end("<html>\n<title>Log in</title>");
    if (request.url === "/empty") return void response.end();
    response.setHeader("x-path", request.url ?? "");
    response.statusCode = 403;
    response.end("no");
  });
  let origin: string;
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it("gives status, headers and text", async () => {
    const { status, headers, text } = await sendRequest(bare(`${origin}/version?a=b`));
    assert.deepEqual([status, headers["x-path"], text], [403, "/version?a=b", "no"]);
  });

  it("reaches a port on which browsers refuse to speak, and says why nobody answers there", async () => {
    await assert.rejects(sendRequest(bare("http://127.0.0.1:6000/version")), (error: unknown) => {
      assert.ok(error instanceof TypeError);
      assert.equal(causeText(error), "connect ECONNREFUSED 127.0.0.1:6000");
      return true;
    });
  });

  it("ends with the signal's reason when its time is up", async () => {
    const request = bare(`${origin}/silent`);
    request.setSignal(AbortSignal.timeout(50));
    await assert.rejects(sendRequest(request), { name: "TimeoutError" });
  });

  it("that is answered by something else than the API is told with the URL and what it said", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "answered-"));
    try {
      const kubeconfig = path.join(folder, "kubeconfig");
      const clusters = [{ name: "c", cluster: { server: origin, "insecure-skip-tls-verify": true } }];
      const contexts = [{ name: "c", context: { cluster: "c", user: "u" } }];
      writeFileSync(kubeconfig, JSON.stringify({ clusters, contexts, users: [{ name: "u", user: {} }] }));
      const client = await clusterClient({ kubeconfig, context: "c" });
      const said = (what: string, url: string): object => ({
        name: "SyntaxError",
        message: `${origin}${url} answered 200 with ${what} and no JSON: that is no API of Kubernetes, but a proxy or a login page before it`,
      });
      await assert.rejects(client.get("/api"), said('"<html> <title>Log in</title>"', "/api"));
      await assert.rejects(client.send("PATCH", "/empty", {}), said("nothing", "/empty"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
