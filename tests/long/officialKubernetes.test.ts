/** The kubernetes stand-in, and the official provider where it is installed, held to what the official one answered when it was recorded. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { testCluster } from "../../harness/cluster";
import { officialPlugin, plugins } from "../../local/plugins/official";
import type { Value, ValueMap } from "../../local/plugins/shared/wire";
import { Provider } from "../unit/plugins/provider";
import { ask } from "./official/ask";

const { answers } = parse(readFileSync(path.join(__dirname, "../unit/plugins/officialKubernetes.yaml"), "utf8")) as {
  answers: Record<string, Value>;
};

/** What follows is worded by the libraries of Go, in which the official one is written. */
const worded =
  /(unable to load schema information from the API server: |`kubernetes:config:kubeconfig`- ).*?(?="[,}\]])/g;
const comparable = (answer: Value | undefined): Value =>
  JSON.parse(JSON.stringify(answer).replaceAll('\\"', "'").replaceAll(worded, "$1…")) as Value;

/**
 * What the stand-in does in a way of its own: it records inputs as the program gives them, where the official one writes amounts and leaves out zero values as
 * Go's types do. Both find no change between the two: tests/cluster/bothKinds.test.ts.
 */
const ownWay: Readonly<Record<string, string>> = { "creation of a Deployment": "inputs" };

const who: readonly [string, () => Promise<(() => Promise<Provider>) | undefined>][] = [
  ["the stand-in for the kubernetes provider", () => Promise.resolve(() => Provider.standIn("kubernetes"))],
  [
    "the official kubernetes provider",
    async () => {
      const command = await officialPlugin(plugins.kubernetes);
      return command === undefined ? undefined : () => Provider.start(command, []);
    },
  ],
];

function without(key: string | undefined, answer: Value): Value {
  return key === undefined
    ? answer
    : Object.fromEntries(Object.entries(answer as ValueMap).filter(([name]) => name !== key));
}

for (const [name, found] of who) {
  describe(`${name} answers as recorded`, () => {
    let start: (() => Promise<Provider>) | undefined;
    before(async function () {
      start = await found();
      if (start === undefined) {
        console.log(`    ${name} is not installed here`);
        this.skip();
      }
    });

    for (const scenario of Object.keys(answers)) {
      it(scenario, async () => {
        const answer = await ask(scenario, start!, await testCluster());
        const left = name.startsWith("the stand-in") ? ownWay[scenario] : undefined;
        assert.deepEqual(without(left, comparable(answer)), without(left, comparable(answers[scenario])));
      });
    }
  });
}
