/** Arguments that become known while the program runs. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { contentNames } from "../../components/args/content";
import { resolveArgs, type ResolvedArgs } from "../../components/args/resolve";
import { derived, knownArgs, shapeOf } from "../../components/known";

type Given = Parameters<typeof knownArgs>[1];

/** What is wrong with them, once all are known. */
function reasonsOf(given: Given): Promise<string[]> {
  return new Promise((resolve) => {
    const all = { hfToken: "hf_x", ...given };
    knownArgs("vllm", all, shapeOf("vllm", all), (_, problems) => {
      resolve(problems.map(({ reason }) => reason));
      return undefined;
    });
  });
}

describe("arguments that are Outputs", () => {
  it("are told of together, whatever is wrong with each", async () => {
    assert.deepEqual(await reasonsOf({ image: pulumi.output(""), namespace: pulumi.output("My Own") }), [
      "'image' () must be a text that is not empty, where it is an Output; give it one.",
      "'namespace' (My Own) must be a DNS label (a-z, 0-9 and -, at most 63 characters); set a name such as vllm-inference.",
    ]);
  });

  it("are not shown where they are secret: a password in place of its Secret's name", async () => {
    const given = {
      hfTokenSecret: pulumi.secret("Tr0ub4dor&3"),
      imagePullSecret: pulumi.secret(["Tr0ub4dor&3"]) as never,
    };
    const reasons = await reasonsOf(given);
    assert.equal(reasons.length, 2);
    assert.doesNotMatch(reasons.join("\n"), /Tr0ub4dor/);
    assert.match(reasons.join("\n"), /'hfTokenSecret' \(\[secret\]\) must/);
  });

  for (const key of contentNames) {
    it(`are followed to all that comes from '${key}'`, () => {
      const image = "registry.redhat.io/rhaii/vllm-cuda-rhel9:3";
      const one = resolveArgs("vllm", { [key]: key === "image" ? `${image}.4` : "one" });
      const other = resolveArgs("vllm", { [key]: key === "image" ? `${image}.5` : "other" });
      const flat = ({ names, ...rest }: ResolvedArgs): Record<string, unknown> => ({ ...rest, ...names });
      const changed = Object.keys(flat(one)).filter((field) => flat(one)[field] !== flat(other)[field]);
      const texts = changed.filter((field) => JSON.stringify(flat(one)[field]) !== JSON.stringify(flat(other)[field]));
      assert.deepEqual(texts.toSorted(), [key, derived[key] ?? []].flat().toSorted());
    });
  }
});
