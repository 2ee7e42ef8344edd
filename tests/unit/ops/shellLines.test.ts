/** The documented lines by which a shell takes what a command prints: what comes after them must not run with the settings of something else. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { repositoryRoot } from "../../../local/paths";
import { commandFor } from "../../../ops/stack/stackCommands";
import { shownCommands } from "../../../docs/generate/commands";
import { forShell } from "../../../shared/commandLine";

const pages = ["README.md", ...readdirSync(path.join(repositoryRoot, "docs")).map((name) => `docs/${name}`)];
const documented = pages
  .filter((page) => page.endsWith(".md"))
  .flatMap((page) => shownCommands(page, readFileSync(path.join(repositoryRoot, page), "utf8")))
  .map(({ text }) => text)
  .filter((text) => /\$\(npm run -s/.test(text));
const connection = { context: "local" };
const ofDoctor = commandFor("pulumi cancel --stack local", { name: "local", directory: repositoryRoot, connection });

describe("a line that takes a command's settings into a shell", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "vllm-shell-"));
    for (const name of ["claude", "pulumi", "kubectl"]) command(name, 'echo "ran $0 with $GIVEN"');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const command = (name: string, script: string): void => {
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(folder, name), 0o755);
  };
  const run = (line: string, shell: string) =>
    execa(shell, ["-c", line], { env: { PATH: folder, GIVEN: "something else" }, extendEnv: false, reject: false });
  // A line of its own is followed by a command in the same page.
  const lines = [...new Set([...documented, ofDoctor])].map((line) =>
    /eval "[^"]*"$/.test(line) ? `${line} && pulumi preview` : line,
  );

  it("stands in the pages", () => {
    assert.ok(documented.some((line) => line.includes("claude-code")) && documented.length >= 3, documented.join("\n"));
  });

  for (const line of lines) {
    it(`runs what follows where the command has succeeded: ${line}`, async () => {
      command("npm", "echo 'export GIVEN=its-settings'");
      const { exitCode, stdout } = await run(line, "/bin/sh");
      assert.equal(exitCode, 0);
      assert.match(stdout, /^ran .* with its-settings$/);
    });
    for (const [how, script] of [
      ["could not even start", "exit 1"],
      ["has failed", "echo false; exit 1"],
    ] as const) {
      it(`runs nothing where it ${how}: ${line}`, async () => {
        command("npm", script);
        const { exitCode, stdout } = await run(line, "/bin/sh");
        assert.deepEqual([exitCode, stdout], [1, ""]);
      });
    }
  }

  it("is safe as people have it from elsewhere, too: a failed command prints what fails", async () => {
    command("npm", "echo false; exit 1");
    const { exitCode, stdout } = await run('eval "$(npm run -s ops -- claude-code)" && claude', "/bin/sh");
    assert.deepEqual([exitCode, stdout], [1, ""]);
  });

  it("gets that from the commands themselves", async () => {
    const written: string[] = [];
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (text: string) => written.push(text) > 0;
    try {
      await assert.rejects(
        forShell(() => Promise.reject(new Error("no stack"))),
        { message: "no stack" },
      );
    } finally {
      process.stdout.write = write;
    }
    assert.deepEqual(written, process.stdout.isTTY ? [] : ["false\n"]);
  });
});
