import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTerminal } from "../../../components/readiness/terminal";

describe("whether the CLI's live display is watched", () => {
  const { CI, TERM } = process.env;
  let proc: string;
  beforeEach(() => {
    delete process.env["CI"];
    process.env["TERM"] = "xterm";
    proc = mkdtempSync(path.join(tmpdir(), "vllm-proc-"));
  });
  afterEach(() => {
    if (CI !== undefined) process.env["CI"] = CI;
    if (TERM === undefined) delete process.env["TERM"];
    else process.env["TERM"] = TERM;
    rmSync(proc, { recursive: true });
  });

  const add = (pid: number, parent: number, command: readonly string[], ...open: readonly string[]): void => {
    mkdirSync(path.join(proc, String(pid), "fd"), { recursive: true });
    writeFileSync(path.join(proc, String(pid), "cmdline"), command.map((word) => `${word}\0`).join(""));
    writeFileSync(path.join(proc, String(pid), "stat"), `${pid} (a (strange) name) S ${parent} 1 1 0`);
    for (const [fd, file] of open.entries()) symlinkSync(file, path.join(proc, String(pid), "fd", String(fd)));
  };
  /** The program's parent is the language host, and its parent the CLI. */
  const cliWith = (open: readonly string[], ...args: readonly string[]): boolean => {
    add(30, 20, ["/usr/bin/pulumi-language-nodejs", "127.0.0.1:1"], "/dev/null", "pipe:[1]");
    add(20, 10, ["/usr/bin/pulumi", "up", ...args], ...open);
    add(10, 1, ["bash"], "/dev/pts/3", "/dev/pts/3");
    return onTerminal(proc, 30);
  };
  const cli = (output: string, ...args: readonly string[]): boolean => cliWith(["/dev/pts/3", output], ...args);

  it("is so on a terminal", () => assert.equal(cli("/dev/pts/3"), true));
  it("is not so before a pipe, although the session has a terminal", () => assert.equal(cli("pipe:[2]"), false));
  it("is not so where the output goes to a file", () => assert.equal(cli("/tmp/up.log"), false));
  it("is not so without an input that is a terminal, as under nohup or in a script's loop", () => {
    assert.equal(cliWith(["/dev/null", "/dev/pts/3"]), false);
  });
  it("is not so without any input or output", () => assert.equal(cliWith([]), false));
  for (const flag of ["--non-interactive", "--non-interactive=true", "--non-interactive=1"]) {
    it(`is not so with ${flag}`, () => assert.equal(cli("/dev/pts/3", flag), false));
  }
  it("is so with --non-interactive=false", () => assert.equal(cli("/dev/pts/3", "--non-interactive=false"), true));
  it("is not so on a terminal that can do nothing", () => {
    process.env["TERM"] = "dumb";
    assert.equal(cli("/dev/pts/3"), false);
  });
  it("is not so where npm run local has asked for lines", () => {
    process.env["VLLM_INFERENCE_DISPLAY"] = "lines";
    try {
      assert.equal(cli("/dev/pts/3"), false);
    } finally {
      delete process.env["VLLM_INFERENCE_DISPLAY"];
    }
  });
  it("is not so in CI", () => {
    process.env["CI"] = "true";
    assert.equal(cli("/dev/pts/3"), false);
  });
});
