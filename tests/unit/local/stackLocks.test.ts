import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { clearDeadLocks } from "../../../local/pulumi/locks";
import { temporaryFolder } from "./temporary";

describe("the locks of Pulumi's file backend", () => {
  const folder = temporaryFolder();
  const file = () => path.join(folder(), ".pulumi", "locks", "organization", "project", "stack", "id.json");
  const write = (content: string | object) => {
    mkdirSync(path.dirname(file()), { recursive: true });
    writeFileSync(file(), typeof content === "string" ? content : JSON.stringify(content));
  };
  const lock = (changes: object) => ({
    pid: process.pid,
    username: "somebody",
    hostname: hostname(),
    timestamp: new Date().toISOString(),
    ...changes,
  });
  const clear = () => clearDeadLocks(folder(), "project", "stack");

  it("need not exist", async () => {
    assert.deepEqual(await clear(), { cleared: [], held: [] });
  });

  it("are removed when their process is dead", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    write(lock({ pid }));
    const { cleared, held } = await clear();
    assert.deepEqual([cleared.map((one) => one.pid), held], [[pid], []]);
    assert.ok(!existsSync(file()));
  });

  it("are removed when their pid belongs to a younger process", async () => {
    write(lock({ timestamp: new Date(Date.now() - 3_600_000).toISOString() }));
    assert.equal((await clear()).cleared.length, 1);
  });

  it("stay when their process lives", async () => {
    write(lock({}));
    const { cleared, held } = await clear();
    assert.deepEqual([cleared, held.map((one) => one.pid)], [[], [process.pid]]);
    assert.ok(existsSync(file()));
  });

  it("stay when they are another host's", async () => {
    write(lock({ pid: 1, hostname: `not-${hostname()}`, timestamp: new Date(0).toISOString() }));
    assert.equal((await clear()).held.length, 1);
    assert.ok(existsSync(file()));
  });

  it("are removed when a kill has cut them short", async () => {
    write('{"pid": 12');
    assert.equal((await clear()).cleared.length, 1);
    assert.ok(!existsSync(file()));
  });
});
