import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTerminal } from "../../../components/readiness/terminal";

describe("whether the CLI's live display is watched", () => {
  const { CI } = process.env;
  let proc: string;
  beforeEach(() => {
    delete process.env["CI"];
    proc = mkdtempSync(path.join(tmpdir(), "vllm-proc-"));
  });
  afterEach(() => {
    if (CI !== undefined) process.env["CI"] = CI;
    rmSync(proc, { recursive: true });
  });

  const add = (pid: number, parent: number, command: readonly string[], output: string): void => {
    mkdirSync(path.join(proc, String(pid), "fd"), { recursive: true });
    writeFileSync(path.join(proc, String(pid), "cmdline"), command.map((word) => `${word}\0`).join(""));
    writeFileSync(path.join(proc, String(pid), "stat"), `${pid} (a (strange) name) S ${parent} 1 1 0`);
    symlinkSync(output, path.join(proc, String(pid), "fd", "1"));
  };
  /** The program's parent is the language host, and its parent the CLI. */
  const cli = (output: string, ...args: readonly string[]): boolean => {
    add(30, 20, ["/usr/bin/pulumi-language-nodejs", "127.0.0.1:1"], "pipe:[1]");
    add(20, 10, ["/usr/bin/pulumi", "up", ...args], output);
    add(10, 1, ["bash"], "/dev/pts/3");
    return onTerminal(proc, 30);
  };

  it("is so on a terminal", () => assert.equal(cli("/dev/pts/3"), true));
  it("is not so before a pipe, although the session has a terminal", () => assert.equal(cli("pipe:[2]"), false));
  it("is not so where the output goes to a file", () => assert.equal(cli("/tmp/up.log"), false));
  it("is not so with --non-interactive", () => assert.equal(cli("/dev/pts/3", "--non-interactive"), false));
  it("is not so in CI", () => {
    process.env["CI"] = "true";
    assert.equal(cli("/dev/pts/3"), false);
  });
});
