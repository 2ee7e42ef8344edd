import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { simulate } from "../../local/simulation";
import { TestStack } from "../../harness/stack";

/** Moments of an `up` at which it is killed, as parts of the lines that it says: the same on every machine, however busy. */
const seed = Number(process.env.TEST_SEED ?? Date.now() % 100_000);
const moments = Array.from({ length: 10 }, (_, index) => (index + ((seed * (index + 1) * 7919) % 1000) / 1000) / 10);

describe(`a CLI that is killed in the middle of up (TEST_SEED=${seed})`, () => {
  const namespace = "killed";
  let stack: TestStack;
  /** How many lines an `up` says that makes everything, and one that changes something. */
  const whole: number[] = [];
  before(async () => {
    stack = await TestStack.create(namespace);
    await simulate(stack.cluster.kubeconfig, namespace, { load: 1 });
    for (const maxNumSeqs of [99, 100]) {
      stack.configure({ maxNumSeqs });
      const { exitCode, text } = await stack.up();
      assert.equal(exitCode, 0, text);
      whole.push(text.split("\n").length);
    }
  });
  after(() => stack.remove());

  for (const [index, moment] of moments.entries()) {
    it(`after ${Math.floor(moment * 100)} % of its lines: the same command converges after \`pulumi cancel\` (${index + 1} of ${moments.length})`, async () => {
      // Every other time there is something to change and not everything to make.
      if (index % 2 === 0) await stack.destroy();
      else stack.configure({ maxNumSeqs: 100 + index });
      const up = stack.start("up", "--yes", "--skip-preview", "--non-interactive");
      const last = Math.floor(moment * whole[index % 2]!);
      let lines = 0;
      const count = (text = ""): void => {
        lines += text.split("\n").length - 1;
        if (lines >= last) up.kill("SIGKILL");
      };
      count();
      up.all.on("data", (text: Buffer) => count(text.toString()));
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
