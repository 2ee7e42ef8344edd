/** What a component says that it makes, against what it makes. */
import assert from "node:assert/strict";
import { createProvider, VllmInference } from "../../components";
import { resolveArgs } from "../../components/args/resolve";
import { madeBy } from "../../components/hooks/made";
import { runProgram } from "./program";

const plain = { namespace: "inference", hfToken: "hf_canary" };
const cases: Record<string, object> = {
  "as it comes": {},
  "with a chat template": { chatTemplate: "{{ messages }}" },
  "with as little as can be": {
    createNamespace: false,
    securityMode: "restricted",
    hfTokenSecret: "theirs",
    existingClaim: "theirs",
    apiKeyEnabled: false,
    routeEnabled: false,
  },
};

interface Inputs {
  kind: string;
  metadata: { name: string };
}

describe("what is asked for its owner before the first object is made", () => {
  for (const [which, more] of Object.entries(cases)) {
    it(`is every object of a model ${which}`, async () => {
      const args = { ...plain, ...more };
      const { resources } = await runProgram({ config: {} }, () => {
        new VllmInference("vllm", { ...args, cluster: createProvider("own", { context: "here" }) });
        return {};
      });
      const made = resources.filter(({ type }) => type.startsWith("kubernetes:"));
      const names = made.map(
        ({ inputs }) => `${(inputs as unknown as Inputs).kind} ${(inputs as unknown as Inputs).metadata.name}`,
      );
      const told = madeBy(resolveArgs("vllm", args)).map(({ kind, name }) => `${kind} ${name}`);
      assert.deepEqual(told.toSorted(), names.toSorted());
    });
  }
});
