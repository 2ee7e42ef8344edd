import assert from "node:assert/strict";
import path from "node:path";
import { execa } from "execa";

describe("a command in a process of its own", function () {
  this.timeout(30_000);
  const interrupt = path.resolve(__dirname, "../../../ops/interrupt.ts");

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
    const running = begin('console.error("begun")');
    running.stderr.once("data", () => {
      running.kill("SIGINT");
      running.kill("SIGINT");
    });
    const { exitCode, stdout } = await running;
    assert.deepEqual([exitCode, stdout], [130, "undone"]);
  });
});
