import assert from "node:assert/strict";
import path from "node:path";
import { execa } from "execa";

describe("a command in a process of its own", function () {
  const interrupt = path.resolve(__dirname, "../../../ops/terminal/interrupt.ts");

  /** Begins something, then does this; what is left to undo says so on standard output. */
  function begin(thenDo: string) {
    const script = `
      const { onInterrupt, pause, withCleanUp } = require(${JSON.stringify(interrupt)});
      onInterrupt();
      const undo = async () => require("node:fs").writeSync(1, "undone");
      const work = async () => { ${thenDo}; for (;;) await pause(50); };
      withCleanUp(undo, work).catch(({ message, exitCode }) => { console.error(message); process.exit(exitCode); });`;
    const node = ["-r", "ts-node/register/transpile-only", "-e", script];
    return execa(process.execPath, node, { cwd: path.dirname(interrupt), reject: false });
  }

  it("undoes what it has begun when an error comes that nobody catches", async () => {
    const { exitCode, stdout, stderr } = await begin('setTimeout(() => { throw new Error("boom") }, 10)');
    assert.deepEqual([exitCode, stdout, stderr], [1, "undone", "boom"]);
  });

  it("undoes what it has begun when nobody reads what it says", async () => {
    const running = begin('setInterval(() => console.error("news"), 10)');
    running.stderr.once("data", () => running.stderr.destroy());
    const { exitCode, stdout } = await running;
    assert.deepEqual([exitCode, stdout], [130, "undone"]);
  });

  it("undoes it once at two Ctrl-C", async () => {
    const running = begin('console.error("begun"); await new Promise((done) => setTimeout(done, 1000))');
    const said = interruptTwice(running);
    const { exitCode, stdout } = await running;
    assert.deepEqual([exitCode, stdout], [130, "undone"]);
    assert.match(said(), /stopping: undoing what was begun\n\nstill undoing what was begun\n/);
  });

  it("passes a second Ctrl-C on to a child process that does not end at the first", async () => {
    const running = begin(`
      const { untilEnded } = require(${JSON.stringify(interrupt)});
      const child = require("node:child_process").spawn("bash", ["-c",
        "trap 'trap - INT' INT; echo begun >&2; for i in {1..100}; do sleep 0.1; done; exit 1"], { stdio: ["ignore", "ignore", "inherit"], detached: true });
      const ended = new Promise((done) => child.once("exit", (code, signal) => done(signal)));
      ended.kill = (signal) => process.kill(-child.pid, signal);
      console.error("ended by " + (await untilEnded(ended)))`);
    const said = interruptTwice(running);
    const { exitCode, stdout } = await running;
    assert.match(said(), /stopping: waiting for a command that was told to end[^]*ended by SIGINT/);
    assert.deepEqual([exitCode, stdout], [130, "undone"]);
  });

  it("tells of an error that nobody catches also while it is stopping", async () => {
    const running = begin(
      'process.on("SIGINT", () => setTimeout(() => { throw new Error("boom") }, 1)); console.error("begun"); await new Promise((done) => setTimeout(done, 500))',
    );
    running.stderr.once("data", () => running.kill("SIGINT"));
    const { exitCode, stdout, stderr } = await running;
    assert.match(stderr, /^error: boom$/m);
    assert.deepEqual([exitCode, stdout], [130, "undone"]);
  });

  /** Signals do not queue: the second one comes once the first has been answered. */
  function interruptTwice(running: ReturnType<typeof begin>): () => string {
    let said = "";
    let sent = 0;
    running.stderr.on("data", (text: Buffer) => {
      said += text.toString();
      if ((sent === 0 && said.includes("begun")) || (sent === 1 && said.includes("stopping"))) {
        // A child process, too, must have taken the first one.
        setTimeout(() => running.kill("SIGINT"), 300 * sent++);
      }
    });
    return () => said;
  }
});
