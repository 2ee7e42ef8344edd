import assert from "node:assert/strict";
import type { PackPolicy } from "../../../policies/lib/policy";
import { policyTable } from "../../../docs/generate/policyTable";
import { deployment, stackWith } from "./resources";
import { policies } from "../../../policies/index";
import { givesReason, judge, unknown, withoutReasons, type Json, type PolicyCases, type Resource } from "./support";
import { symptoms } from "../../../components/symptoms";
import { tables } from "./tables";

for (const { policy, cases } of tables) {
  describe(`policy ${policy.name}`, () => {
    for (const { says, given, finds, ...run } of cases) {
      it(`${finds ? "refuses" : "passes"} ${says}`, async () => {
        assert.deepEqual(withoutReasons(await judge(policy, given, run)), finds ?? []);
      });
    }
  });
}

describe("the pack", function () {
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

    it(`${policy.name}: names a row of the symptom table, if it names one`, () => {
      if (policy.symptom !== undefined) assert.ok(symptoms.some(({ id }) => id === policy.symptom));
    });

    it(`${policy.name}: has cases of more than one kind or none of its own`, () => {
      const kinds = new Set(own.flatMap(({ given }) => [given].flat()).map(({ type }) => type));
      assert.ok(kinds.size > 1, [...kinds].join());
    });

    for (const { says, given, finds, ...run } of own.filter(({ finds }) => finds)) {
      it(`${policy.name}: ${policy.waivable ? "can" : "cannot"} be waived for ${says}`, async () => {
        const resources: readonly Resource[] = [given].flat();
        const waived = resources.map((resource) => waive(resource, policy.name));
        const found = await judge(policy, waived, run);
        if (policy.waivable) assert.deepEqual(found, []);
        else assert.ok(found.length >= (finds?.length ?? 0));
      });
    }

    it(`${policy.name}: judges the same with what the official provider adds to the inputs`, async () => {
      for (const { given, finds = [], ...run } of own) {
        const found = await judge(policy, [given].flat().map(asProviderHasIt), run);
        assert.deepEqual(withoutReasons(found), finds);
      }
    });

    it(`${policy.name}: says why a container counts as a server or a download, where that is what it is about`, async () => {
      for (const { given, ...run } of own.filter(({ finds }) => finds)) {
        const ofWorkloads = (await judge(policy, given, run)).filter(
          (one) => !/^(?:Route|Service|The policy pack)|because claim |'image' \(the default, /.test(one),
        );
        for (const sentence of ofWorkloads) assert.equal(givesReason(sentence), policy.about !== undefined, sentence);
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

  it("finds nothing in a sound stack", async () => {
    for (const policy of policies) assert.deepEqual(await judge(policy, stackWith()), [], policy.name);
  });

  it("shows every policy in the table of docs/policies.md", () => {
    const rows = policyTable().split("\n").slice(2);
    assert.equal(rows.length, policies.length);
    policies.forEach(({ name, description }, index) => {
      assert.ok(rows[index]?.includes(`\`${name}\``), name);
      assert.ok(rows[index]?.includes(description), name);
    });
  });

  it("says that a setting is misspelt, once", async () => {
    const policy = policies.find(({ name }) => name === "allow-slow-start") as PackPolicy;
    const run = { config: { minimumSecond: 60 } };
    const sentence =
      "The policy pack's configuration: 'allow-slow-start.minimumSecond' must be a setting of the policy; set 'minimumSeconds'.";
    assert.deepEqual(await judge(policy, deployment(), run), [sentence]);
    assert.deepEqual(await judge(policy, deployment(), run), []);
  });

  it("has exactly three policies that no waiver lifts", () => {
    assert.deepEqual(
      policies.filter(({ required }) => required).map(({ name }) => name),
      ["require-recreate", "require-service-links-disabled", "require-hf-hub-online"],
    );
  });
});

/** A list's items are waived one by one, as they are judged. */
function waive(resource: Resource, policy: string): Resource {
  const { items, metadata } = resource.props;
  if (Array.isArray(items)) {
    const waived = items.map((props) => waive({ ...resource, props: props as Json }, policy).props);
    return { ...resource, props: { ...resource.props, items: waived } };
  }
  const own = metadata as Json;
  const annotations = { ...(own.annotations as Json), [`vllm-policies/waive-${policy}`]: "for a test" };
  return { ...resource, props: { ...resource.props, metadata: { ...own, annotations } } };
}

/** The bookkeeping of the official provider: annotations, and fields beside the object's own. */
function asProviderHasIt(resource: Resource): Resource {
  const { metadata } = resource.props;
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) return resource;
  const { annotations = {} } = metadata as { annotations?: unknown };
  if (typeof annotations !== "object" || annotations === null) return resource;
  const added = { "pulumi.com/autonamed": "true", "pulumi.com/patchForce": "true" };
  return {
    ...resource,
    props: {
      ...resource.props,
      __fieldManager: "pulumi-kubernetes-1a2b3c4d",
      __initialApiVersion: "v1",
      metadata: { ...metadata, annotations: { ...annotations, ...added } },
    },
  };
}
