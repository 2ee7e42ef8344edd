import assert from "node:assert/strict";
import { policies } from "../../../policies/index";
import { judge, unknown, type PolicyCases } from "./support";
import { tables } from "./tables";

for (const { policy, cases } of tables) {
  describe(`policy ${policy.name}`, () => {
    for (const { says, given, finds, ...run } of cases) {
      it(`${finds ? "refuses" : "passes"} ${says}`, async () => {
        assert.deepEqual(await judge(policy, given, run), finds ?? []);
      });
    }
  });
}

describe("the pack", () => {
  it("has policies with names of their own", () => {
    const names = policies.map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)]);
    assert.ok(names.length > 0);
  });

  for (const policy of policies) {
    const own = tables.filter((table) => table.policy === policy).flatMap(({ cases }): PolicyCases["cases"] => cases);

    it(`${policy.name}: has a kebab-case name and a description of one sentence`, () => {
      assert.match(policy.name, /^[a-z0-9]+(-[a-z0-9]+)+$/);
      assert.match(policy.description, /^[A-Z].{40,300}[^.]\.$/);
    });

    it(`${policy.name}: says its level and links to its reason`, () => {
      assert.ok(policy.enforcementLevel === "mandatory" || policy.enforcementLevel === "advisory");
      assert.match(policy.url ?? "", /^https:\/\/[a-z0-9.-]+\/.+/);
    });

    it(`${policy.name}: describes each setting and gives it a default`, () => {
      for (const [key, schema] of Object.entries(policy.configSchema?.properties ?? {})) {
        assert.match(key, /^[a-z][A-Za-z]+$/);
        assert.match(schema.description ?? "", /\.$/);
        assert.notEqual(schema.default, undefined);
      }
    });

    it(`${policy.name}: has cases that pass and cases that do not`, () => {
      assert.ok(
        own.some(({ finds }) => finds === undefined),
        "no case passes",
      );
      assert.ok(
        own.some(({ finds }) => (finds?.length ?? 0) > 0),
        "no case fails",
      );
      assert.ok(
        own.some(({ given }) => JSON.stringify(given).includes(unknown)),
        "no case has an unknown value",
      );
    });
  }

  it("has exactly three policies that no waiver lifts", () => {
    assert.deepEqual(
      policies.filter(({ required }) => required).map(({ name }) => name),
      ["require-recreate", "require-service-links-disabled", "require-hf-hub-online"],
    );
  });
});
