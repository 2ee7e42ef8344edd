/** The command that comments, as the workflow runs it, against a GitHub on loopback. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { marker } from "../../../ci/markdown";
import { repositoryRoot } from "../../../local/paths";
import { report } from "./samples";

interface Asked {
  method: string;
  url: string;
  body: string;
  authorization: string | undefined;
}

const bot = { login: "github-actions[bot]" };

describe("npm run ci:comment", function () {
  let server: Server;
  let folder: string;
  const asked: Asked[] = [];
  let answers: Record<string, unknown> = {};

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "vllm-comment-"));
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        asked.push({ method, url, body, authorization: headers.authorization });
        const answer = answers[`${method} ${url.split("?")[0]}`];
        response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}));
      });
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    asked.length = 0;
    answers = {
      "GET /repos/o/r/pulls": [{ number: 7, head: { sha: "c0ffee" } }],
      "GET /repos/o/r/issues/7/comments": [],
      "POST /repos/o/r/issues/7/comments": {},
      "PATCH /repos/o/r/issues/comments/42": {},
    };
  });

  const run = async (content: string): Promise<{ exitCode: number | undefined; stderr: string }> => {
    const file = path.join(folder, "preview.json");
    writeFileSync(file, content);
    const { port } = server.address() as AddressInfo;
    const env = {
      GITHUB_API_URL: `http://127.0.0.1:${port}`,
      GITHUB_TOKEN: "a-token",
      GITHUB_REPOSITORY: "o/r",
      HEAD_OWNER: "stranger",
      HEAD_BRANCH: "a&state=closed",
      HEAD_COMMIT: "c0ffee",
    };
    const transpile = ["-r", "ts-node/register/transpile-only"];
    const command = [...transpile, "ci/comment.ts", file];
    const { exitCode, stderr } = await execa(process.execPath, command, { cwd: repositoryRoot, env, reject: false });
    return { exitCode, stderr };
  };
  const writes = (): string[] =>
    asked.filter(({ method }) => method !== "GET").map(({ method, url }) => `${method} ${url}`);

  it("writes a comment under the pull request that GitHub names for the commit", async () => {
    const { exitCode, stderr } = await run(JSON.stringify(Array.from({ length: 30 }, () => report)));
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(writes(), ["POST /repos/o/r/issues/7/comments"]);
    const query = new URLSearchParams(asked[0]?.url.split("?")[1]);
    assert.deepEqual([query.get("head"), query.get("state")], ["stranger:a&state=closed", "open"]);
    assert.equal(asked[0]?.authorization, "Bearer a-token");
    const { body } = JSON.parse(asked.at(-1)?.body ?? "") as { body: string };
    assert.ok(body.startsWith(`${marker}\nOf the commit \`c0ffee\`.\n\n## What this change does`), body);
  });

  it("rewrites its own comment, and nobody else's that begins alike", async () => {
    const others = [{ id: 41, body: marker, user: { login: "stranger" } }];
    answers["GET /repos/o/r/issues/7/comments"] = [...others, { id: 42, body: `${marker}\nold`, user: bot }];
    const { exitCode, stderr } = await run(JSON.stringify([report]));
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(writes(), ["PATCH /repos/o/r/issues/comments/42"]);
  });

  it("writes nothing when the branch has moved on or the pull request is closed", async () => {
    answers["GET /repos/o/r/pulls"] = [{ number: 7, head: { sha: "another" } }];
    const { exitCode } = await run(JSON.stringify([report]));
    assert.equal(exitCode, 0);
    assert.deepEqual(writes(), []);
  });

  it("refuses what is no report, and asks GitHub nothing", async () => {
    const older = { ...report, base: { commit: "abc", state: "deployed", note: "as it was once" } };
    for (const content of ["no JSON", "{}", JSON.stringify([{ ...report, pullRequest: 1 }]), JSON.stringify([older])]) {
      const { exitCode, stderr } = await run(content);
      assert.equal(exitCode, 1);
      assert.match(
        stderr,
        /has not the shape .* \(an older or a changed one\): read the run's summary; nothing is written/,
      );
    }
    assert.deepEqual(asked, []);
  });

  it("fails with GitHub's answer, and without the token", async () => {
    delete answers["GET /repos/o/r/pulls"];
    const { exitCode, stderr } = await run(JSON.stringify([report]));
    assert.equal(exitCode, 1);
    assert.equal(stderr, "error: GitHub answered 404 to GET pulls");
  });
});
