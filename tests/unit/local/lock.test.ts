import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identity, isAlive, processStart, tryLock, withLock } from "../../../shared/lock.mjs";
import { repositoryRoot } from "../../../local/paths";
import { endProcesses, processStartTime, runningProcesses } from "../../../shared/processes";
import { temporaryFolder } from "./temporary";

const deadPid = () => spawnSync(process.execPath, ["--version"]).pid;

describe("a lock", () => {
  const folder = temporaryFolder();
  const file = () => path.join(folder(), "deep", "lock");

  it("is held by one at a time", async () => {
    const order: string[] = [];
    const hold = (name: string) =>
      withLock(file(), async () => {
        order.push(`${name} in`);
        await sleep(20);
        order.push(`${name} out`);
      });
    await Promise.all([hold("a"), hold("b")]);
    assert.deepEqual(order, ["a in", "a out", "b in", "b out"]);
    assert.deepEqual(readdirSync(path.dirname(file())), []);
  });

  it("is given up when the action fails", async () => {
    await assert.rejects(
      withLock(file(), () => Promise.reject(new Error("no"))),
      /no/,
    );
    assert.ok(!existsSync(file()));
  });

  it("names its live holder", () => {
    assert.equal(tryLock(file()), undefined);
    assert.equal(tryLock(file())?.pid, process.pid);
  });

  it("of a dead process is taken over", () => {
    assert.equal(tryLock(file()), undefined);
    writeFileSync(file(), JSON.stringify({ ...identity(), pid: deadPid() }));
    assert.equal(tryLock(file()), undefined);
    assert.equal((JSON.parse(readFileSync(file(), "utf8")) as { pid: number }).pid, process.pid);
  });

  it("is not kept alive by another process that has got the same pid", () => {
    assert.equal(tryLock(file()), undefined);
    writeFileSync(file(), JSON.stringify({ ...identity(), start: "1" }));
    assert.equal(tryLock(file()), undefined);
  });

  it("of another host is left alone", () => {
    assert.equal(tryLock(file()), undefined);
    writeFileSync(file(), JSON.stringify({ pid: deadPid(), start: "1", host: `not-${hostname()}` }));
    assert.equal(tryLock(file())?.host, `not-${hostname()}`);
  });

  it("that was cut short is taken over", () => {
    assert.equal(tryLock(file()), undefined);
    writeFileSync(file(), "");
    assert.equal(tryLock(file()), undefined);
  });

  it("of a killed process goes to exactly one of several that wait", async function () {
    assert.equal(tryLock(file()), undefined);
    writeFileSync(file(), JSON.stringify({ ...identity(), pid: deadPid() }));
    const log = path.join(folder(), "log");
    const script = `
      import { appendFileSync } from "node:fs";
      import { withLock } from ${JSON.stringify(path.join(repositoryRoot, "shared", "lock.mjs"))};
      await withLock(${JSON.stringify(file())}, async () => {
        appendFileSync(${JSON.stringify(log)}, "in ");
        await new Promise((done) => setTimeout(done, 50));
        appendFileSync(${JSON.stringify(log)}, "out ");
      });`;
    const contenders = [1, 2, 3, 4].map(
      () =>
        new Promise((done) => {
          spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" }).on("exit", done);
        }),
    );
    assert.deepEqual(await Promise.all(contenders), [0, 0, 0, 0]);
    assert.equal(readFileSync(log, "utf8"), "in out ".repeat(4));
  });
});

describe("processes", () => {
  it("have a start by which they are known", () => {
    assert.ok(isAlive(identity()));
    assert.equal(processStart(deadPid()), undefined);
    const age = Date.now() - processStartTime(process.pid)!;
    assert.ok(
      Math.abs(age - process.uptime() * 1000) < 2_000,
      `this process is ${process.uptime()} s old, not ${age} ms`,
    );
  });

  it("are found by their command line, and ended though they ignore SIGTERM", async () => {
    const mark = `mark-${process.pid}-${Date.now()}`;
    const child = spawn(process.execPath, [
      "-e",
      "process.on('SIGTERM', () => {}); console.log(1); setInterval(() => {}, 1000)",
      mark,
    ]);
    await new Promise((done) => child.stdout.once("data", done));
    const found = () => runningProcesses().filter(({ command }) => command.includes(mark));
    assert.deepEqual(
      found().map(({ pid }) => pid),
      [child.pid],
    );
    await endProcesses([child.pid!], 100);
    assert.deepEqual(found(), []);
  });
});
