import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { simulate } from "../../local/simulation";
import { TestStack } from "../../harness/stack";

/** Moments of an `up` at which it is killed: spread over the first seconds, in an order that a failure can be repeated with. */
const seed = Number(process.env.TEST_SEED ?? Date.now() % 100_000);
const moments = Array.from({ length: 10 }, (_, index) => index * 700 + ((seed * (index + 1) * 7919) % 700));

describe(`a CLI that is killed in the middle of up (TEST_SEED=${seed})`, () => {
  const namespace = "killed";
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create(namespace);
    await simulate(stack.cluster.kubeconfig, namespace, { load: 1 });
  });
  after(() => stack.remove());

  for (const [index, moment] of moments.entries()) {
    it(`after ${moment} ms: the same command converges after \`pulumi cancel\` (${index + 1} of ${moments.length})`, async () => {
      // Every other time there is something to change and not everything to make.
      if (index % 2 === 0) await stack.destroy();
      else stack.configure({ maxNumSeqs: 100 + index });
      const up = stack.start("up", "--yes", "--skip-preview", "--non-interactive");
      await sleep(moment);
      up.kill("SIGKILL");
      await up;
      await stack.pulumi("cancel", "--yes");
      const again = await stack.up();
      assert.equal(again.exitCode, 0, again.text);
      const nothing = await stack.preview("--refresh", "--expect-no-changes");
      assert.equal(nothing.exitCode, 0, nothing.text);
    });
  }

  // An empty sidecar, which a kill leaves now and then, is "failed to load checkpoint: EOF" ever after.
  it("finds its state in one file, with no sidecar that a kill could cut short", () => {
    const files = readdirSync(stack.directory, { recursive: true, encoding: "utf8" });
    assert.ok(
      files.some((file) => file.endsWith("test.json")),
      "the state itself",
    );
    assert.deepEqual(
      files.filter((file) => file.endsWith(".attrs")),
      [],
    );
  });
});
