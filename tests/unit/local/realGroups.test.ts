import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { removeGroups } from "../../../local/real/groups";
import { temporaryFolder } from "./temporary";

const script = path.join(__dirname, "../../../local/real/groups.sh");
const group = "vllm0123";
const processors = 6;

describe("the control groups of a real node", () => {
  const root = temporaryFolder();
  const file = (...names: string[]): string => path.join(root(), "cgroup", ...names);
  const before_ = (): string => path.join(root(), "before");
  const read = (...names: string[]): string => readFileSync(file(...names), "utf8");
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
      ["#!/bin/sh", '/bin/mkdir "$@"', "for last; do :; done", ...files.map((name) => `touch "$last/${name}"`)].join(
        "\n",
      ),
    );
    writeFileSync(path.join(bin, "nproc"), `#!/bin/sh\necho ${processors}\n`);
    for (const name of ["mkdir", "nproc"]) chmodSync(path.join(bin, name), 0o755);
    execFileSync("bash", [script, file(), group, before_()], {
      env: { PATH: `${bin}:${process.env["PATH"]}` },
      stdio: "pipe",
    });
  }

  it("are one of the tree's root on version 2, whose root has no cpuset.cpus to take over", () => {
    write("cgroup.controllers", "cpuset cpu io memory pids\n");
    write("cgroup.subtree_control", "cpuset cpu io memory pids\n");
    write("cgroup.procs");
    write("system.slice/cgroup.procs");
    make("cgroup.procs", "cpu.weight", "cpuset.cpus", "cpuset.mems");
    assert.equal(Number(read(group, "cpu.weight")), 100 * processors);
    assert.equal(read(group, "cpuset.cpus"), "");
    assert.ok(!existsSync(file("system.slice", group)));
    assert.equal(read("cgroup.subtree_control"), "cpuset cpu io memory pids\n");
  });

  it("get on version 2 the controllers that the kubelet asks for, until the node is ended", async () => {
    write("cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma\n");
    write("cgroup.subtree_control", "cpuset cpu io memory pids\n");
    make();
    assert.equal(read("cgroup.subtree_control"), "+hugetlb\n");
    write("cgroup.subtree_control", "cpuset cpu io memory hugetlb pids\n"); // as the kernel shows it
    await removeGroups(group, before_(), file());
    assert.equal(read("cgroup.subtree_control"), "-hugetlb");
    assert.ok(!existsSync(before_()) && !existsSync(file(group)));
  });

  it("keep on version 2 what another clone's node may need", async () => {
    write("cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma\n");
    write("cgroup.subtree_control", "cpuset cpu io memory pids\n");
    make();
    write("cgroup.subtree_control", "cpuset cpu io memory hugetlb pids\n");
    write("vllm4567/cgroup.procs");
    await removeGroups(group, before_(), file());
    assert.equal(read("cgroup.subtree_control"), "cpuset cpu io memory hugetlb pids\n");
    assert.ok(!existsSync(before_()) && !existsSync(file(group)));
  });

  it("are one of each controller on version 1, with the processors and memories of the one above", () => {
    write("cpuset/cgroup.procs");
    write("cpuset/cpuset.cpus", "0-1\n");
    write("cpuset/cpuset.mems", "0\n");
    write("unified/cgroup.procs");
    write("no-controller/file");
    make("cgroup.procs", "cpu.shares");
    assert.equal(Number(read("cpuset", group, "cpu.shares")), 1024 * processors);
    assert.equal(read("cpuset", group, "cpuset.cpus"), "0-1\n");
    assert.equal(read("cpuset", group, "cpuset.mems"), "0\n");
    assert.ok(existsSync(file("unified", group)));
    assert.ok(!existsSync(file("no-controller", group)));
  });
});
