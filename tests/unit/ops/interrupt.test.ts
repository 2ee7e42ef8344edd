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
      // Waiting for a signal alone keeps no process alive.
      const ending = async (set) => { const alive = setInterval(() => {}, 1000); await new Promise(set); clearInterval(alive); };
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
    const running = begin(`
      console.error("begun");
      let interrupts = 0;
      await ending((done) => process.on("SIGINT", () => ++interrupts === 2 && done()))`);
    const said = interruptTwice(running, "stopping");
    const { exitCode, stdout } = await running;
    assert.deepEqual([exitCode, stdout], [130, "undone"]);
    assert.match(said(), /stopping: undoing what was begun\n\nstill undoing what was begun\n/);
  });

  it("passes a second Ctrl-C on to a child process that does not end at the first", async () => {
    const running = begin(`
      const { untilEnded } = require(${JSON.stringify(interrupt)});
      const endsAtTheSecond = 'process.once("SIGINT", () => console.error("trapped")); console.error("begun"); setInterval(() => {}, 1000)';
      const child = require("node:child_process").spawn(process.execPath, ["-e", endsAtTheSecond],
        { stdio: ["ignore", "ignore", "inherit"], detached: true });
      const ended = new Promise((done) => child.once("exit", (code, signal) => done(signal)));
      ended.kill = (signal) => process.kill(-child.pid, signal);
      console.error("ended by " + (await untilEnded(ended)))`);
    const said = interruptTwice(running, "trapped");
    const { exitCode, stdout } = await running;
    assert.match(said(), /stopping: waiting for a command that was told to end[^]*ended by SIGINT/);
    assert.deepEqual([exitCode, stdout], [130, "undone"]);
  });

  it("tells of an error that nobody catches also while it is stopping", async () => {
    const running = begin(
      `console.error("begun");
      await ending((done) => process.on("SIGINT", () => setTimeout(() => { setTimeout(done); throw new Error("boom"); }, 1)))`,
    );
    running.stderr.once("data", () => running.kill("SIGINT"));
    const { exitCode, stdout, stderr } = await running;
    assert.match(stderr, /^error: boom$/m);
    assert.deepEqual([exitCode, stdout], [130, "undone"]);
  });

  /** Signals do not queue: the second one comes once the first has been answered by these words. */
  function interruptTwice(running: ReturnType<typeof begin>, answered: string): () => string {
    let said = "";
    let sent = 0;
    running.stderr.on("data", (text: Buffer) => {
      said += text.toString();
      if (said.includes(["begun", answered][sent] ?? "\0")) {
        sent++;
        running.kill("SIGINT");
      }
    });
    return () => said;
  }
});
