import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { Clone } from "./clone";

describe("npm run local, in a fresh clone", () => {
  let clone: Clone;
  const leftovers = async (): Promise<string[]> => {
    const { stdout } = await execa("ps", ["-eo", "pid,args"]);
    return stdout.split("\n").filter((line) => line.includes(clone.folder) && !line.includes("ps -eo"));
  };

  before(async () => {
    clone = await Clone.make();
  });
  after(() => clone.remove());

  it("deploys to a cluster of its own and says what to type next", async () => {
    const { exitCode, text } = await clone.local();
    assert.equal(exitCode, 0, text);
    assert.match(text, /routeUrl +: "https:\/\/vllm-vllm-inference\.apps\.local\.test"/);
    assert.match(text, /What to type next/);
  });

  it("leaves git status clean", async () => {
    const { stdout } = await execa("git", ["-C", clone.folder, "status", "--porcelain"]);
    assert.equal(stdout, "");
  });

  it("changes nothing the second time", async () => {
    const { exitCode, text } = await clone.local();
    assert.equal(exitCode, 0, text);
    assert.match(text, /16 unchanged/);
  });

  it("gives a shell the project's pulumi, kubectl and cluster", async () => {
    const { exitCode, text } = await clone.shell(
      "pulumi preview --stack local && pulumi stack output routeHost && kubectl get pods -A",
    );
    assert.equal(exitCode, 0, text);
    assert.match(text, /vllm-vllm-inference\.apps\.local\.test[\s\S]*vllm-inference +vllm-/);
  });

  for (const moment of [1500, 4000, 8000]) {
    it(`goes on after a kill -9 of all of it at ${moment} ms`, async () => {
      await clone.local("reset");
      const child = execa("npm", ["run", "--silent", "local"], { ...clone.options, detached: true });
      await sleep(moment);
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      await child;
      const { exitCode, text } = await clone.local();
      assert.equal(exitCode, 0, text);
    });
  }

  it("stops everything with down, and goes on where it was", async () => {
    const stopped = await clone.local("down");
    assert.equal(stopped.exitCode, 0, stopped.text);
    assert.deepEqual(await leftovers(), []);
    assert.equal((await clone.local("status")).exitCode, 1);
    const again = await clone.local();
    assert.equal(again.exitCode, 0, again.text);
    assert.match(again.text, /16 unchanged/);
  });

  it("never touches the user's own kubeconfig", () => {
    const home = process.env.HOME ?? "";
    let own = "";
    try {
      own = readFileSync(path.join(home, ".kube/config"), "utf8");
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, "ENOENT");
    }
    assert.ok(!own.includes(clone.folder));
  });
});
