import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { TestStack } from "./stack";

const root = path.resolve(__dirname, "../..");

describe("a change of the downloader's script", () => {
  const namespace = "script-change";
  let program: string;
  let stack: TestStack;
  before(async () => {
    program = mkdtempSync(path.join(tmpdir(), "vllm-program-"));
    for (const part of ["index.ts", "package.json", "components"]) {
      cpSync(path.join(root, part), path.join(program, part), { recursive: true });
    }
    symlinkSync(path.join(root, "node_modules"), path.join(program, "node_modules"));
    stack = await TestStack.create(namespace, { main: program });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
  });
  after(async () => {
    await stack.remove();
    rmSync(program, { recursive: true, force: true });
  });

  const uid = (...what: readonly string[]): Promise<string> =>
    stack.cluster.kubectl("-n", namespace, "get", ...what, "-o", "jsonpath={..metadata.uid}");
  const kept = (): Promise<string[]> =>
    Promise.all([uid("deployment", "vllm"), uid("pvc", "vllm-models-cache"), uid("configmap", "vllm-downloader")]);

  it("updates its ConfigMap in place and rolls the pod", async () => {
    const before = { kept: await kept(), pod: await uid("pods") };
    appendFileSync(path.join(program, "components/downloader/download.py"), "# another line\n");
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.deepEqual(await kept(), before.kept);
    assert.notEqual(await uid("pods"), before.pod);
    assert.ok(!/\bdeleted\b/.test(text), text);
  });
});
