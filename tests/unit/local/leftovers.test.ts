import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { identity, isAlive } from "../../../shared/lock.mjs";
import { ancestors } from "../../../shared/processes";
import { endLeftover, runPulumi } from "../../../local/pulumi/run";
import { temporaryFolder } from "./temporary";

describe("a pulumi whose command was killed", () => {
  const folder = temporaryFolder();
  const record = () => path.join(folder(), "running.json");
  const dead = () => ({ ...identity(), pid: spawnSync(process.execPath, ["--version"]).pid });
  let sleeper: ChildProcess;
  beforeEach(() => {
    sleeper = spawn("sleep", ["60"]);
  });
  afterEach(() => {
    sleeper.kill("SIGKILL");
  });

  it("is ended", async () => {
    const pulumi = identity(sleeper.pid);
    writeFileSync(record(), JSON.stringify({ command: dead(), pulumi }));
    assert.equal(await endLeftover(folder()), sleeper.pid);
    assert.ok(!isAlive(pulumi));
    assert.ok(!existsSync(record()));
  });

  it("is left alone while its command lives", async () => {
    const pulumi = identity(sleeper.pid);
    writeFileSync(record(), JSON.stringify({ command: identity(), pulumi }));
    assert.equal(await endLeftover(folder()), undefined);
    assert.ok(isAlive(pulumi));
  });

  it("is not mistaken for another process with its pid", async () => {
    writeFileSync(record(), JSON.stringify({ command: dead(), pulumi: { ...identity(sleeper.pid), start: "1" } }));
    assert.equal(await endLeftover(folder()), undefined);
    assert.ok(isAlive(identity(sleeper.pid)));
  });

  it("need not have been recorded", async () => {
    assert.equal(await endLeftover(folder()), undefined);
  });

  it("is recorded while it runs, and its exit code is the command's", async () => {
    const bin = path.join(folder(), "bin");
    mkdirSync(bin);
    writeFileSync(
      path.join(bin, "pulumi"),
      `#!/bin/sh\ntest -f ${record()} || sleep 0.5\ntest -f ${record()} && exit 7\n`,
      { mode: 0o755 },
    );
    assert.equal(await runPulumi(folder(), ["up"], { PATH: `${bin}:/usr/bin:/bin` }), 7);
    assert.ok(!existsSync(record()));
  });
});

describe("ancestors", () => {
  it("are the processes above one, nearest first", () => {
    const child = spawn("sleep", ["60"]);
    try {
      assert.deepEqual(ancestors(child.pid!, 2), [process.pid, process.ppid]);
    } finally {
      child.kill("SIGKILL");
    }
  });
});
