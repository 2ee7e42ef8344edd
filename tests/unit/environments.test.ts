/** What the chain's environments say while they are made. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const chain = path.resolve(__dirname, "../chain");

describe("an environment that is being made", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(tmpdir(), "environments-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("says what its installer said last, for as long as that takes", async () => {
    const gate = path.join(folder, "gate");
    const command = JSON.stringify(["sh", "-c", `echo Collecting torch; until [ -e ${gate} ]; do sleep 0.05; done`]);
    const python = spawn("python3", ["-c", `import environments; environments.run(${command}, 0.05)`], {
      env: { ...process.env, PYTHONPATH: chain, PYTHONDONTWRITEBYTECODE: "1" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = new Promise((done) => python.on("exit", done));
    for await (const line of createInterface(python.stderr)) if (/^ {2}\d+ s: Collecting torch$/.test(line)) break;
    writeFileSync(gate, "");
    assert.equal(await ended, 0);
  });

  it("ends with all of that where it fails", () => {
    const fail = JSON.stringify(["sh", "-c", "echo No matching distribution; exit 3"]);
    const { status, stderr } = spawnSync("python3", ["-c", `import environments; environments.run(${fail})`], {
      env: { ...process.env, PYTHONPATH: chain, PYTHONDONTWRITEBYTECODE: "1" },
      encoding: "utf8",
    });
    assert.equal(status, 1);
    assert.match(stderr, /failed with 3:\nNo matching distribution/);
  });
});
