import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { repositoryRoot } from "../../../local/paths";
import { runChecks } from "../../../ops/smoke/run";
import { trust } from "../../../ops/smoke/trust";

describe("a Route with a certificate of the cluster's own authority", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "smoke-trust-"));
  const [keyFile, caFile] = [path.join(folder, "key.pem"), path.join(folder, "ca.pem")];
  let server: Server;

  before(async function () {
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    try {
      execFileSync(
        "openssl",
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-keyout", keyFile, "-out", caFile, ...subject],
        { stdio: "ignore" },
      );
    } catch {
      this.skip(); // no openssl to make a certificate with
    }
    server = createServer({ key: readFileSync(keyFile), cert: readFileSync(caFile) }, (_, response) => {
      response.end(JSON.stringify({ data: [{ id: "Ping" }] }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  after(() => {
    delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    server?.close();
    server?.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });

  async function models() {
    const { port } = server.address() as AddressInfo;
    const target = { url: `https://127.0.0.1:${port}`, kind: "vllm", names: ["Ping"], model: "Ping" } as const;
    const [result] = await runChecks(target, { only: ["models"], timeoutSeconds: 5 });
    server.closeAllConnections();
    return result;
  }

  it("is not believed, and the way out is said", async () => {
    const result = await models();
    assert.deepEqual([result?.outcome, result?.symptom?.id], ["failed", "client-certificate"]);
  });

  it("is believed with --insecure-tls", async () => {
    trust({ insecureTls: true });
    assert.equal((await models())?.outcome, "passed");
    delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  });

  // In a process of its own: what fetch trusts is settled with the first connection.
  it("is believed with --ca-file", async function () {
    const { port } = server.address() as AddressInfo;
    const url = `https://127.0.0.1:${port}`;
    const args = ["ops/main.ts", "smoke", "--url", url, "--ca-file", caFile, "--only", "models"];
    const { stdout } = await execa("node", ["-r", "ts-node/register/transpile-only", ...args], { cwd: repositoryRoot });
    assert.match(stdout, /1 passed, 0 failed/);
  });

  it("needs a file that holds certificates", () => {
    const empty = path.join(folder, "empty.pem");
    writeFileSync(empty, "nothing");
    assert.throws(() => trust({ caFile: empty }), {
      message: `'--ca-file' (${empty}) must hold certificates as PEM: it holds no certificate; name another file.`,
      exitCode: 2,
    });
    assert.throws(() => trust({ caFile: path.join(folder, "absent") }), /must hold certificates as PEM: ENOENT/);
  });
});
