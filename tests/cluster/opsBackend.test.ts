import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { simulate } from "../../local/simulation";
import { askLocks } from "../../ops/stack/bucketLocks";
import type { Result } from "../../ops/checks/examine";
import { ops } from "./opsCommand";
import { TestStack } from "../../harness/stack";

interface Resource {
  urn: string;
  type: string;
}

/** A stack's state in the file backend. */
interface StateFile {
  checkpoint: { latest: { resources: Resource[]; pending_operations?: { type: string; resource: Resource }[] } };
}

describe("doctor, of a stack that a killed up has left", () => {
  let stack: TestStack;
  const stateFile = (): string => path.join(stack.directory, ".pulumi/stacks/vllm-inference/test.json");
  const locks = (): string => path.join(stack.directory, ".pulumi/locks/organization/vllm-inference/test");
  before(async () => {
    stack = await TestStack.create("ops-backend");
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
  });
  after(() => stack.remove());
  afterEach(() => rmSync(locks(), { recursive: true, force: true }));

  async function doctor(...args: string[]): Promise<{ exitCode: number; found: (id: string) => Result }> {
    const { exitCode, stdout, text } = await ops(stack, "doctor", "--json", ...args);
    const { results } = JSON.parse(stdout) as { results: Result[] };
    const found = (id: string): Result =>
      results.find((result) => result.id === id) ?? assert.fail(`no check ${id}: ${text}`);
    return { exitCode, found };
  }
  const severities = (result: Result): string[] => result.findings.map(({ severity }) => severity);

  function lockBy(pid: number): void {
    mkdirSync(locks(), { recursive: true });
    const lock = { pid, username: "op", hostname: hostname(), timestamp: new Date().toISOString() };
    writeFileSync(path.join(locks(), "held.json"), JSON.stringify(lock));
  }

  /** `pulumi stack import` would drop them. */
  function leavePending(): void {
    const state = JSON.parse(readFileSync(stateFile(), "utf8")) as StateFile;
    const { latest } = state.checkpoint;
    const resource = latest.resources.find(({ type }) => type.endsWith(":Deployment"));
    assert(resource !== undefined);
    latest.pending_operations = [{ type: "updating", resource }];
    writeFileSync(stateFile(), JSON.stringify(state));
  }

  /** The operations before this one are pending for a moment; this one is for as long as the model loads. */
  async function waitsForTheModel(up: ReturnType<TestStack["start"]>): Promise<void> {
    const state = new AbortController();
    const ended = up.then(({ all }) => assert.fail(`up ended: ${all}`)).finally(() => state.abort());
    const pending = async (): Promise<void> => {
      while (!state.signal.aborted && !pendingNames().includes("vllm-published")) await sleep(100);
    };
    await Promise.race([pending(), ended]);
  }

  /** None where the file was caught while it was written. */
  function pendingNames(): (string | undefined)[] {
    try {
      const { checkpoint } = JSON.parse(readFileSync(stateFile(), "utf8")) as StateFile;
      return (checkpoint.latest.pending_operations ?? []).map(({ resource }) => resource.urn.split("::").at(-1));
    } catch (error) {
      if (error instanceof SyntaxError) return [];
      throw error;
    }
  }

  it("tells a dead process's lock, and --fix removes it", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    lockBy(pid);
    const { exitCode, found } = await doctor();
    assert.equal(exitCode, 1);
    const [finding] = found("stack-lock").findings;
    assert.match(finding?.evidence ?? "", new RegExp(`locked by process ${pid} on .*, which is dead`));
    assert.equal(finding?.mend, "pulumi cancel --stack test");
    await doctor("--fix");
    assert.deepEqual(severities((await doctor()).found("stack-lock")), ["ok"]);
  });

  it("asks pulumi for the locks of a backend that is no folder, and changes nothing by it", async () => {
    const { PULUMI_BACKEND_URL: url = "" } = stack.env;
    const files = (): string[] => [stateFile(), path.join(stack.directory, "Pulumi.test.yaml")];
    const read = (): string[] => files().map((file) => readFileSync(file, "utf8"));
    const before = read();
    const asked = { name: "test", project: "vllm-inference", url, env: stack.env };
    assert.deepEqual(await askLocks(asked), []);
    lockBy(4242);
    const [lock, ...others] = (await askLocks(asked)) ?? [];
    assert.deepEqual([lock?.pid, lock?.username, lock?.hostname, others], [4242, "op", hostname(), []]);
    assert.equal(await askLocks({ ...asked, url: "s3://" }), undefined);
    assert.deepEqual(read(), before);
  });

  it("says that an up is at work where its lock is alive, and mends nothing", async () => {
    leavePending();
    lockBy(process.pid);
    const { exitCode, found } = await doctor("--fix");
    assert.equal(exitCode, 0);
    assert.deepEqual(severities(found("stack-lock")), ["warning"]);
    const [finding] = found("pending-operations").findings;
    assert.equal(finding?.severity, "note");
    assert.match(finding?.evidence ?? "", /^an `up` is at work \(process \d+ on .*\): updating vllm-deployment$/);
    assert.match(readFileSync(stateFile(), "utf8"), /pending_operations/);
  });

  it("tells unfinished operations, and --fix takes them out of the state", async () => {
    leavePending();
    const { found } = await doctor();
    assert.equal(found("pending-operations").findings[0]?.evidence, "a killed `up` left: updating vllm-deployment");
    await doctor("--fix");
    assert.deepEqual(severities((await doctor()).found("pending-operations")), ["ok"]);
    assert.equal((await stack.up()).exitCode, 0);
  });

  it("prints a mend for them that does the same by hand", async () => {
    leavePending();
    const { mend = "" } = (await doctor()).found("pending-operations").findings[0] ?? {};
    const [byHand = "", next] = mend.split(" && ");
    assert.equal(byHand, "pulumi stack export --stack test | pulumi stack import --stack test");
    assert.equal(next, "pulumi up --stack test");
    await execa(byHand, { shell: true, cwd: stack.directory, env: stack.env });
    assert.deepEqual(severities((await doctor()).found("pending-operations")), ["ok"]);
  });

  it("tells an up that is at work from one that was killed there, and mends the latter", async () => {
    await simulate(stack.cluster.kubeconfig, "ops-backend", { load: 600 });
    stack.configure({ maxNumSeqs: 17 });
    const up = stack.start("up", "--yes", "--skip-preview", "--non-interactive");
    try {
      await waitsForTheModel(up);
      const running = await doctor();
      assert.deepEqual(severities(running.found("stack-lock")), ["warning"]);
      assert.match(running.found("pending-operations").findings[0]?.evidence ?? "", /^an `up` is at work .*published$/);
    } finally {
      up.kill("SIGKILL");
      await simulate(stack.cluster.kubeconfig, "ops-backend", { load: undefined });
      // The next pod loads as usual. The killed one's program waits for it, with the same standard output.
      await stack.cluster.kubectl("delete", "pod", "--all", "-n", "ops-backend", "--wait=false");
      await up;
    }
    const killed = await doctor("--fix");
    assert.match(killed.found("stack-lock").findings[0]?.evidence ?? "", /which is dead$/);
    assert.match(killed.found("pending-operations").findings[0]?.evidence ?? "", /^a killed `up` left: .*published$/);
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
  });

  it("tells a state's attributes that were cut short, which no pulumi reads past, and --fix removes them", async () => {
    const attributes = `${stateFile()}.attrs`;
    const state = readFileSync(stateFile(), "utf8");
    writeFileSync(attributes, "");
    truncateSync(attributes);
    const broken = await stack.run("stack", "export");
    assert.match(broken.text, /failed to load checkpoint: EOF/);
    const { exitCode, found } = await doctor();
    assert.equal(exitCode, 1);
    assert.match(found("state-file").findings[0]?.evidence ?? "", /test\.json\.attrs is empty: a `pulumi` was killed/);
    assert.equal(found("state-file").findings[0]?.mend, `rm ${attributes}`);
    await doctor("--fix");
    assert.deepEqual(severities((await doctor()).found("state-file")), ["ok"]);
    await stack.pulumi("stack", "export");
    assert.equal(readFileSync(stateFile(), "utf8"), state);
  });
});
