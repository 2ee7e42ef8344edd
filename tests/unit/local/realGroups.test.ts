import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { temporaryFolder } from "./temporary";

const script = path.join(__dirname, "../../../local/real/groups.sh");
const group = "vllm0123";
const processors = Number(execFileSync("nproc"));

describe("the control groups of a real node", () => {
  const root = temporaryFolder();
  const file = (...names: string[]): string => path.join(root(), "cgroup", ...names);
  const write = (name: string, text = ""): void => {
    mkdirSync(path.dirname(file(name)), { recursive: true });
    writeFileSync(file(name), text);
  };

  /** With a `mkdir` that gives each new folder these files, as the kernel does. */
  function make(...files: readonly string[]): void {
    const bin = path.join(root(), "bin");
    mkdirSync(bin);
    writeFileSync(
      path.join(bin, "mkdir"),
      `#!/bin/sh\n/bin/mkdir "$@"\nfor last; do :; done\ncd "$last" && touch ${files.join(" ")}\n`,
    );
    chmodSync(path.join(bin, "mkdir"), 0o755);
    execFileSync("bash", [script, file(), group], { env: { PATH: `${bin}:${process.env["PATH"]}` }, stdio: "pipe" });
  }

  it("are one of the tree's root on version 2, whose root has no cpuset.cpus to take over", () => {
    write("cgroup.controllers", "cpuset cpu io memory pids\n");
    write("cgroup.procs");
    write("system.slice/cgroup.procs");
    make("cgroup.procs", "cpu.weight", "cpuset.cpus", "cpuset.mems");
    assert.equal(Number(readFileSync(file(group, "cpu.weight"), "utf8")), 100 * processors);
    assert.equal(readFileSync(file(group, "cpuset.cpus"), "utf8"), "");
    assert.ok(!existsSync(file("system.slice", group)));
  });

  it("are one of each controller on version 1, with the processors and memories of the one above", () => {
    write("cpuset/cgroup.procs");
    write("cpuset/cpuset.cpus", "0-1\n");
    write("cpuset/cpuset.mems", "0\n");
    write("unified/cgroup.procs");
    write("no-controller/file");
    make("cgroup.procs", "cpu.shares");
    assert.equal(Number(readFileSync(file("cpuset", group, "cpu.shares"), "utf8")), 1024 * processors);
    assert.equal(readFileSync(file("cpuset", group, "cpuset.cpus"), "utf8"), "0-1\n");
    assert.equal(readFileSync(file("cpuset", group, "cpuset.mems"), "utf8"), "0\n");
    assert.ok(existsSync(file("unified", group)));
    assert.ok(!existsSync(file("no-controller", group)));
  });
});
