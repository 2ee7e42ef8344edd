import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { execa } from "execa";
import {
  downloadTool,
  DownloadError,
  publishedChecksum,
  type DownloadSession,
} from "../../../local/toolchain/download";
import { temporaryFolder } from "./temporary";

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");

describe("downloading a tool", () => {
  const folder = temporaryFolder();
  let server: Server;
  let base: string;
  let files: Record<string, string | Buffer>;
  let truncated: Set<string>;
  let session: DownloadSession;
  let requests: string[];

  beforeEach(async () => {
    files = {};
    truncated = new Set();
    requests = [];
    server = createServer((request, response) => {
      const name = request.url!.slice(1);
      requests.push(name);
      const content = files[name];
      if (content === undefined) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { "content-length": Buffer.byteLength(content) });
      if (!truncated.has(name)) response.end(content);
      else response.write(content.slice(0, content.length / 2), () => request.socket.destroy());
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    session = { fetch, unreachableHosts: new Set() };
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const target = () => path.join(folder(), "kubectl", "v1", "kubectl");
  const download = () => ({ url: `${base}/kubectl`, checksumUrl: `${base}/kubectl.sha256` });
  const leftovers = () => readdirSync(path.dirname(target()));

  it("puts a binary whose checksum is the published one in place, executable", async () => {
    files = { kubectl: "binary", "kubectl.sha256": sha256("binary") };
    await downloadTool(download(), target(), session);
    assert.equal(readFileSync(target(), "utf8"), "binary");
    assert.equal(statSync(target()).mode & 0o111, 0o111);
    assert.deepEqual(leftovers(), ["kubectl"]);
  });

  it("refuses a binary with another checksum and leaves nothing", async () => {
    files = { kubectl: "tampered", "kubectl.sha256": sha256("binary") };
    await assert.rejects(downloadTool(download(), target(), session), {
      message: `${base}/kubectl has SHA-256 ${sha256("tampered")}, its publisher says ${sha256("binary")}`,
    });
    assert.deepEqual(leftovers(), []);
  });

  it("refuses a binary that broke off and leaves nothing", async () => {
    files = { kubectl: "binary".repeat(1000), "kubectl.sha256": sha256("binary".repeat(1000)) };
    truncated.add("kubectl");
    await assert.rejects(downloadTool(download(), target(), session), /kubectl broke off/);
    assert.deepEqual(leftovers(), []);
  });

  it("does not fetch what has no published checksum", async () => {
    files = { kubectl: "binary", "kubectl.sha256": "<html>not found</html>" };
    await assert.rejects(downloadTool(download(), target(), session), /kubectl\.sha256 has no SHA-256 of/);
    assert.deepEqual(requests, ["kubectl.sha256"]);
  });

  it("says what a server answered that has no such file", async () => {
    await assert.rejects(downloadTool(download(), target(), session), {
      message: `${base}/kubectl.sha256 answered 404 Not Found`,
    });
  });

  it("unpacks an archive with all that lies beside the binary", async () => {
    const source = path.join(folder(), "source", "pulumi");
    mkdirSync(source, { recursive: true });
    for (const name of ["pulumi", "pulumi-language-nodejs"])
      writeFileSync(path.join(source, name), name, { mode: 0o755 });
    const archive = path.join(folder(), "pulumi.tar.gz");
    await execa("tar", ["-czf", archive, "-C", path.dirname(source), "pulumi"]);
    files = { "pulumi.tar.gz": readFileSync(archive) };
    files["sums"] = `${"0".repeat(64)}  other.tar.gz\n${sha256(files["pulumi.tar.gz"]!)}  pulumi.tar.gz\n`;
    const place = path.join(folder(), "cache", "pulumi");
    await downloadTool(
      {
        url: `${base}/pulumi.tar.gz`,
        checksumUrl: `${base}/sums`,
        checksumEntry: "pulumi.tar.gz",
        archiveFolder: "pulumi",
      },
      place,
      session,
    );
    assert.deepEqual(readdirSync(path.dirname(place)).sort(), ["pulumi", "pulumi-language-nodejs"]);
  });

  it("unpacks an archive without a folder, and keeps nothing of the archive itself", async () => {
    const source = path.join(folder(), "flat");
    mkdirSync(source, { recursive: true });
    for (const name of ["actionlint", "LICENSE.txt"]) writeFileSync(path.join(source, name), name, { mode: 0o755 });
    const archive = path.join(folder(), "flat.tar.gz");
    await execa("tar", ["-czf", archive, "-C", source, "actionlint", "LICENSE.txt"]);
    files = { "flat.tar.gz": readFileSync(archive) };
    files["sums"] = `${sha256(files["flat.tar.gz"]!)}  flat.tar.gz\n`;
    const place = path.join(folder(), "cache", "actionlint");
    const [url, checksumUrl] = [`${base}/flat.tar.gz`, `${base}/sums`];
    await downloadTool({ url, checksumUrl, checksumEntry: "flat.tar.gz", archiveFolder: "." }, place, session);
    assert.deepEqual(readdirSync(path.dirname(place)).sort(), ["LICENSE.txt", "actionlint"]);
  });

  it("asks a host that does not answer only once", async () => {
    let asked = 0;
    const hanging: DownloadSession = {
      unreachableHosts: new Set(),
      answerTimeout: 30,
      fetch: (_url, init) => {
        asked++;
        return new Promise((_resolve, reject) => {
          init!.signal!.addEventListener("abort", () => {
            reject(new Error("aborted"));
          });
        });
      },
    };
    for (let time = 0; time < 2; time++) {
      await assert.rejects(
        downloadTool(download(), target(), hanging),
        (error: unknown) =>
          error instanceof DownloadError && error.unreachable && error.message.includes("cannot be reached"),
      );
    }
    assert.equal(asked, 1);
    assert.ok(!existsSync(target()));
  });
});

describe("publishedChecksum", () => {
  const sum = "a".repeat(64);
  it("takes the only line of a file for one download", () => {
    assert.equal(publishedChecksum(`${sum}\n`), sum);
  });
  it("takes the line of the file that is asked for", () => {
    assert.equal(publishedChecksum(`${"b".repeat(64)}  other\n${sum} *wanted\n`, "wanted"), sum);
  });
  it("finds nothing where the file is not listed", () => {
    assert.equal(publishedChecksum(`${sum}  wanted.asc\n`, "wanted"), undefined);
  });
  it("finds nothing in a page that is no checksum file", () => {
    assert.equal(publishedChecksum("<html>", undefined), undefined);
  });
});
