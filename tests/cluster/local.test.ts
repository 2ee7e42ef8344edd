import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa, type Options } from "execa";

const root = path.resolve(__dirname, "../..");

/** A second clone, as a user has it, with the dependencies of this one. */
describe("npm run local, in a fresh clone", () => {
  let clone: string;
  const options = (): Options & { all: true; reject: false } => ({
    cwd: clone,
    all: true,
    reject: false,
    stdin: "ignore",
    env: { TEST_STATE_DIR: undefined },
  });
  const local = async (...args: readonly string[]): Promise<{ exitCode: number | undefined; text: string }> => {
    const result = await execa("npm", ["run", "--silent", "local", "--", ...args], options());
    return { exitCode: result.exitCode, text: String(result.all) };
  };
  const leftovers = async (): Promise<string[]> => {
    const { stdout } = await execa("ps", ["-eo", "pid,args"]);
    return stdout.split("\n").filter((line) => line.includes(clone) && !line.includes("ps -eo"));
  };

  before(async () => {
    clone = path.join(mkdtempSync(path.join(tmpdir(), "vllm-clone-")), "clone");
    await execa("git", ["clone", "--quiet", root, clone]);
    cpSync(path.join(root, "node_modules"), path.join(clone, "node_modules"), {
      recursive: true,
      verbatimSymlinks: true,
    });
  });
  after(async () => {
    await local("reset");
    rmSync(path.dirname(clone), { recursive: true, force: true });
  });

  it("deploys to a cluster of its own and says what to type next", async () => {
    const { exitCode, text } = await local();
    assert.equal(exitCode, 0, text);
    assert.match(text, /routeUrl +: "https:\/\/vllm-vllm-inference\.apps\.local\.test"/);
    assert.match(text, /What to type next/);
  });

  it("leaves git status clean", async () => {
    const { stdout } = await execa("git", ["-C", clone, "status", "--porcelain"]);
    assert.equal(stdout, "");
  });

  it("changes nothing the second time", async () => {
    const { exitCode, text } = await local();
    assert.equal(exitCode, 0, text);
    assert.match(text, /16 unchanged/);
  });

  it("gives a shell the project's pulumi, kubectl and cluster", async () => {
    const script =
      'eval "$(npm run -s local -- env)" && pulumi preview --stack local && pulumi stack output routeHost && kubectl get pods -A';
    const result = await execa("bash", ["-c", script], options());
    assert.equal(result.exitCode, 0, String(result.all));
    assert.match(String(result.all), /vllm-vllm-inference\.apps\.local\.test[\s\S]*vllm-inference +vllm-/);
  });

  for (const moment of [1500, 4000, 8000]) {
    it(`goes on after a kill -9 of all of it at ${moment} ms`, async () => {
      await local("reset");
      const child = execa("npm", ["run", "--silent", "local"], { ...options(), detached: true });
      await sleep(moment);
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      await child;
      const { exitCode, text } = await local();
      assert.equal(exitCode, 0, text);
    });
  }

  it("stops everything with down, and goes on where it was", async () => {
    const stopped = await local("down");
    assert.equal(stopped.exitCode, 0, stopped.text);
    assert.deepEqual(await leftovers(), []);
    assert.equal((await local("status")).exitCode, 1);
    const again = await local();
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
    assert.ok(!own.includes(clone));
  });
});
