/** A mistake in the command line ends each tool of package.json with 2 and a sentence, whatever the tool. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { scripts, version } from "../../package.json";

const root = path.resolve(__dirname, "../..");
const tools = Object.entries(scripts).flatMap(([name, script]) => {
  const [, file, ...given] = /^node local\/bootstrap\.mjs (\S+)(?: (.+))?$/.exec(script) ?? [];
  return file === undefined ? [] : [{ name, file, given: given.filter((each) => each !== undefined) }];
});
const run = (file: string, ...args: string[]) =>
  execa(process.execPath, ["-r", "./shared/register.cjs", file, ...args], {
    cwd: root,
    reject: false,
    all: true,
  });

describe("a mistake in the command line", () => {
  for (const { name, file, given } of tools) {
    it(`of npm run ${name} ends it with 2 and a sentence`, async () => {
      // A flag that none has, and not the usage of some other tool that it starts.
      const { exitCode, all } = await run(file, ...given, "--no-such-flag");
      assert.equal(exitCode, 2, all);
      assert.match(all, /\S/);
      assert.doesNotMatch(all, /^ {4}at /m);
    });
  }

  it("is told of every tool", () => assert.ok(tools.length >= 12, JSON.stringify(tools)));
});

describe("a value that no cluster is asked about", () => {
  for (const [args, said] of [
    [["logs", "--since", "0s"], /It must be a duration of at least 1s/],
    [["redownload", "--revision", ""], /It must be a commit, a tag or a branch/],
  ] as const)
    it(`ends ${args.join(" ")} with 2`, async () => {
      const { exitCode, all } = await run("ops/main.ts", ...args);
      assert.equal(exitCode, 2, all);
      assert.match(all, said);
    });
});

describe("a configuration that names no context", () => {
  for (const command of ["status", "logs", "doctor"])
    it(`is told once by ${command}`, async () => {
      const folder = mkdtempSync(path.join(tmpdir(), "usage-"));
      try {
        writeFileSync(path.join(folder, "Pulumi.yaml"), "name: vllm-inference\nruntime: nodejs\n");
        writeFileSync(path.join(folder, "Pulumi.dev.yaml"), "config: {}\n");
        const { exitCode, all } = await run("ops/main.ts", command, "--cwd", folder, "--stack", "dev");
        assert.equal(exitCode, 2, all);
        assert.equal(all.match(/'kubeContext' must be set/g)?.length, 1, all);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
});

describe("a command whose reader has gone", () => {
  for (const command of ["local/main.ts status", "ops/main.ts --help"])
    it(`(${command}) says nothing of it`, async () => {
      const line = `"$0" -r ./shared/register.cjs ${command} | true`;
      const { stderr } = await execa("sh", ["-c", line, process.execPath], { cwd: root });
      assert.equal(stderr, "");
    });
});

describe("a tool that people begin with", () => {
  for (const [file, flag] of [
    ["local/main.ts", "--gateway"],
    ["ops/main.ts", "--stack"],
  ] as const) {
    it(`(${file}) answers to --help, help and --version`, async () => {
      const [asked, help, said] = await Promise.all([run(file, "--help"), run(file, "help"), run(file, "--version")]);
      assert.deepEqual([asked.exitCode, help.exitCode, said.exitCode], [0, 0, 0]);
      assert.ok(asked.stdout.includes(flag), asked.stdout);
      assert.equal(help.stdout, asked.stdout);
      assert.equal(said.stdout, version);
    });
  }

  it("(ops/commands/fit.ts), which takes a model where others take a word, answers to --help and --version", async () => {
    const file = "ops/commands/fit.ts";
    const [asked, said] = await Promise.all([run(file, "--help"), run(file, "--version")]);
    assert.deepEqual([asked.exitCode, said.exitCode, said.stdout], [0, 0, version]);
    assert.ok(asked.stdout.includes("--version"), asked.stdout);
  });
});
