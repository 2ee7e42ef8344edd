/** `npm run local` while `pulumi` runs: Ctrl-C ends it in order, and with 130. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { runPulumi } from "../../../local/pulumi/run";
import { temporaryFolder } from "./temporary";

const root = path.resolve(__dirname, "../../..");

describe("Ctrl-C while pulumi runs", () => {
  const folder = temporaryFolder();
  const bin = () => path.join(folder(), "bin");
  /** What is left behind ends by itself, so that the test fails and does not hang. */
  const running = "setInterval(() => process.ppid === Number(process.env.STARTER) || process.exit(), 50);";
  const pulumi = (script: string) => {
    mkdirSync(bin());
    writeFileSync(path.join(bin(), "pulumi"), `#!${process.execPath}\n${script}\n`, { mode: 0o755 });
  };

  /** Runs it in a process of its own, which is sent the signal itself and has no terminal. The end of its output is the end of both. */
  async function interrupted(before = ""): Promise<{ exitCode: unknown; said: string }> {
    const script = `${before}; const [, folder, PATH] = process.argv;
      require("./local/pulumi/run").runPulumi(folder, ["up"], { PATH, STARTER: String(process.pid) })
        .then((code) => { process.exitCode = code; });`;
    const command = spawn(process.execPath, ["-r", "./shared/register.cjs", "-e", script, folder(), bin()], {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(command, "exit");
    command.stdout.once("data", () => command.kill("SIGINT"));
    const said = await text(command.stdout);
    return { exitCode: ((await exited) as unknown[])[0], said };
  }

  // As the real one, they end in order, with a code of their own.
  for (const own of [255, 0])
    it(`lets it end with ${own}, and ends with 130`, async () => {
      pulumi(`process.on("SIGINT", () => { console.log("cancelled"); process.exit(${own}); });
        console.log("started"); ${running}`);
      assert.deepEqual(await interrupted(), { exitCode: 130, said: "started\ncancelled\n" });
    });

  it("ends it where the signal comes in the very moment of its start", async () => {
    pulumi(running);
    const start = `const child = require("node:child_process"); const { spawn } = child;
      child.spawn = (...args) => { const started = spawn(...args); process.kill(process.pid, "SIGINT"); return started; }`;
    assert.deepEqual(await interrupted(start), { exitCode: 130, said: "" });
  });

  const cancelled = JSON.stringify({ stdoutEvent: { message: "^C received; cancelling. If you would like to…\n" } });
  const events = () => path.join(folder(), "events.json");

  it("ends with 130 where pulumi has read the key itself, as its log of events says, and leaves no log", async () => {
    pulumi(`require("node:fs").writeFileSync(process.argv[process.argv.indexOf("--event-log") + 1], ${JSON.stringify(cancelled)});
      process.exitCode = 1`);
    assert.equal(await runPulumi(folder(), ["up"], { PATH: bin() }), 130);
    assert.ok(!existsSync(events()));
  });

  it("is not read from the log that a killed command has left", async () => {
    writeFileSync(events(), cancelled);
    pulumi("process.exitCode = 6"); // as where there is no such stack, before it begins a log
    assert.equal(await runPulumi(folder(), ["up"], { PATH: bin() }), 6);
  });

  it("is nobody's any more once it has ended", async () => {
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    const listeners = () => signals.map((signal) => process.listenerCount(signal));
    const before = listeners();
    pulumi("process.exitCode = 7");
    assert.equal(await runPulumi(folder(), ["up"], { PATH: bin() }), 7);
    assert.deepEqual(listeners(), before);
  });
});
