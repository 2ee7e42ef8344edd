import assert from "node:assert/strict";
import { aimedAt, onStack } from "../../components/aim";
import { named, symptom } from "../../components/symptoms";
import { simulate } from "../../local/simulation";
import { type Doom, dooms } from "./dooms";
import { delays, meet } from "./meet";
import { canaryToken, type Outcome, type TestStack } from "./stack";

/** How many stacks are deployed at once. */
const atOnce = 3;

interface Result {
  stack: TestStack;
  failed: Outcome;
  recovered: Outcome;
}

// How soon after the cluster's report is measured by `npm run bench`.
describe("a start-up that cannot succeed ends `up` with a diagnosis, and the next one recovers", () => {
  // Deploying one after the other would take minutes that are spent waiting.
  const results: Promise<Result>[] = [];
  const begin = (index: number): void => {
    const doom = dooms[index];
    if (!doom) return;
    results[index] ??= run(doom);
    results[index].catch(() => undefined); // reported by its own test
  };
  after(async function () {
    this.timeout(600_000);
    await Promise.allSettled(results);
  });

  for (const [index, doom] of dooms.entries()) {
    it(doom.title, async () => {
      for (let ahead = 0; ahead < atOnce; ahead++) begin(index + ahead);
      const { stack, failed, recovered } = await results[index]!;
      const row = named(symptom(doom.symptom), "vllm", `doom-${doom.symptom}`);
      assert.equal(failed.exitCode, 1, failed.text);
      assert.ok(failed.text.includes(`vllm cannot start: ${row.title}.`), failed.text);
      assert.ok(
        failed.text.includes(`What to do: ${onStack(aimedAt(row.remedy, stack.cluster), stack.name)}.`),
        failed.text,
      );
      if (doom.shows) assert.match(failed.text, doom.shows);
      assert.ok(!failed.text.includes(canaryToken));
      assert.equal(recovered.exitCode, 0, recovered.text);
    });
  }
});

async function run(doom: Doom): Promise<Result> {
  const { stack, failed } = await meet(doom, `doom-${doom.symptom}`);
  try {
    await simulate(stack.cluster.kubeconfig, stack.namespace, { ...delays, fault: undefined });
    await doom.mend?.(stack);
    if (doom.mendConfig) stack.configure(doom.mendConfig);
    return { stack, failed, recovered: await stack.up() };
  } finally {
    await stack.remove();
  }
}
