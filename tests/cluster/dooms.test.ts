import assert from "node:assert/strict";
import path from "node:path";
import { targetedText } from "../../components/cluster/commands";
import { named, symptom, told } from "../../components/symptoms";
import { simulate } from "../../local/simulation";
import { type Doom, dooms } from "../../harness/dooms";
import { delays, upInto } from "../../harness/upIntoDoom";
import { canaryToken, type Outcome, TestStack } from "../../harness/stack";

/** How many models start at once, in one stack or in several: each takes the time of a processor, which the tests beside it need, too. */
const atOnce = 4;

interface Result {
  stack: TestStack;
  failed: Outcome;
  recovered: Outcome;
}

interface Run {
  readonly dooms: readonly Doom[];
  readonly start: () => Promise<Result>;
}

/** Faults of the simulation differ in nothing but their report: one program has several of them, each in a component of its own. */
const faults = dooms.filter(({ fault }) => fault !== undefined);
const runs: readonly Run[] = [
  ...Array.from({ length: Math.ceil(faults.length / atOnce) }, (_, index) => {
    const some = faults.slice(index * atOnce, (index + 1) * atOnce);
    return { dooms: some, start: () => runTogether(some, `dooms-${index}`) };
  }),
  ...dooms.filter((doom) => !faults.includes(doom)).map((doom) => ({ dooms: [doom], start: () => run(doom) })),
];

// How soon after the cluster's report is measured by `npm run bench`, for each of them in a program of its own.
describe("a start-up that cannot succeed ends `up` with a diagnosis, and the next one recovers", () => {
  // Deploying one after the other would take minutes that are spent waiting.
  const results: Promise<Result>[] = [];
  const beginFrom = (first: number): void => {
    let models = 0;
    for (const [index, { dooms: met, start }] of runs.entries()) {
      if (index < first) continue;
      models += met.length;
      if (models > atOnce) return;
      results[index] ??= start();
      results[index].catch(() => undefined); // reported by its own test
    }
  };
  after(async function () {
    await Promise.allSettled(results);
  });

  for (const [index, { dooms: met }] of runs.entries()) {
    for (const doom of met) {
      it(doom.title, async function () {
        beginFrom(index);
        const { stack, failed, recovered } = await results[index]!;
        const component = met.length > 1 ? doom.symptom : "vllm";
        const row = named(told(symptom(doom.symptom), failed.text), component, namespaceOf(doom));
        assert.equal(failed.exitCode, 1, failed.text);
        assert.ok(failed.text.includes(`${component} cannot start: ${row.title}.`), failed.text);
        assert.ok(
          failed.text.includes(
            `What to do: ${targetedText(row.remedy, { stack: stack.name, connection: stack.cluster })}.`,
          ),
          failed.text,
        );
        if (doom.shows) assert.match(failed.text, doom.shows instanceof RegExp ? doom.shows : doom.shows(component));
        assert.ok(!failed.text.includes(canaryToken));
        assert.equal(recovered.exitCode, 0, recovered.text);
      });
    }
  }
});

const namespaceOf = (doom: Doom): string => `doom-${doom.symptom}`;

async function run(doom: Doom): Promise<Result> {
  const { stack, failed } = await upInto(doom, namespaceOf(doom));
  try {
    await simulate(stack.cluster.kubeconfig, stack.namespace, delays);
    await doom.mend?.(stack);
    if (doom.mendConfig) stack.configure(doom.mendConfig);
    return { stack, failed, recovered: await stack.up() };
  } finally {
    await stack.remove();
  }
}

async function runTogether(some: readonly Doom[], name: string): Promise<Result> {
  const stack = await TestStack.create(name, { main: path.join(__dirname, "programs/dooms"), project: "dooms" });
  const { kubeconfig, context, kubectl } = stack.cluster;
  const namespaces = some.map(namespaceOf);
  Object.assign(stack.env, {
    TEST_KUBECONFIG: kubeconfig,
    TEST_CONTEXT: context,
    TEST_COMPONENTS: some.map(({ symptom: id }) => id).join(","),
    TEST_TOKEN: canaryToken,
  });
  const simulateAll = (fault: (doom: Doom) => string | undefined): Promise<unknown> =>
    Promise.all(some.map((doom) => simulate(kubeconfig, namespaceOf(doom), { ...delays, fault: fault(doom) })));
  try {
    for (const namespace of namespaces) await kubectl("create", "namespace", namespace);
    await simulateAll(({ fault }) => fault);
    // Without it the first failure would keep the others from being met.
    const failed = await stack.up("--continue-on-error");
    await simulateAll(() => undefined);
    return { stack, failed, recovered: await stack.up() };
  } finally {
    await kubectl("delete", "namespace", ...namespaces, "--ignore-not-found", "--wait=false");
    stack.removeFolder();
  }
}
