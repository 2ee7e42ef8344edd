/** The command of the workflow, where nothing can be previewed. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { type PreviewReport, reportSchema } from "../../../ci/report";
import { repositoryRoot } from "../../../local/paths";

describe("npm run ci:preview, where nothing can be previewed", function () {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "vllm-report-"));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const preview = (...args: string[]) =>
    execa("npm", ["run", "--silent", "ci:preview", "--", ...args], {
      cwd: repositoryRoot,
      reject: false,
      env: { TMPDIR: folder },
    });

  it("still leaves a report for each stack that was asked for, so that the comment says why", async () => {
    const json = path.join(folder, "preview.json");
    const { exitCode, stdout, stderr } = await preview(
      "dev",
      "gateway/dev",
      "--base",
      "no-such-commit",
      "--json",
      json,
    );
    const reports = JSON.parse(readFileSync(json, "utf8")) as PreviewReport[];
    assert.deepEqual(
      reports.map(({ stack }) => stack),
      ["dev", "gateway/dev"],
    );
    for (const report of reports) {
      assert.ok(reportSchema.safeParse(report).success);
      assert.deepEqual(report.errors, ["'--base' (no-such-commit) must be a commit of this clone; fetch it first."]);
    }
    assert.match(stdout, /### `gateway\/dev`: \*\*the preview fails\*\*/);
    assert.match(stderr, /^error: '--base' \(no-such-commit\) must be/);
    assert.equal(exitCode, 1);
  });

  it("names the stacks that there are, of both projects", async () => {
    const { exitCode, stdout, stderr } = await preview("gateway/none", "dev", "other");
    const known = "dev, prod, gateway/dev, gateway/prod";
    assert.equal(stderr.trim(), `error: There is no stack gateway/none, other; there are ${known}.`);
    assert.deepEqual([exitCode, stdout], [1, ""]);
  });

  it("ends after a Ctrl-C while it checks out, and starts nothing", async () => {
    const git = (await execa("which", ["git"])).stdout;
    // The interrupt comes when the archive is begun; git's own work goes on to its end.
    const script = `#!/bin/sh\n[ "$1" = archive ] && kill -INT $PPID\nexec "${git}" "$@"\n`;
    writeFileSync(path.join(folder, "git"), script, { mode: 0o755 });
    const command = ["-r", "ts-node/register/transpile-only", "ci/preview.ts", "dev", "--base", "HEAD"];
    const { exitCode, stdout, stderr } = await execa(process.execPath, command, {
      cwd: repositoryRoot,
      reject: false,
      env: { TMPDIR: folder, PATH: [folder, process.env["PATH"]].join(path.delimiter) },
    });
    assert.equal(stderr.trim(), "ending, and taking the cluster away");
    assert.deepEqual([exitCode, stdout], [130, ""]);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("vllm-preview-")),
      [],
    );
  });
});
