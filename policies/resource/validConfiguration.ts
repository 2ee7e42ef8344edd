import { misspeltNames } from "../lib/configuration";
import { definedPolicies, resourcePolicy, type PackPolicy } from "../lib/policy";

const rule = resourcePolicy({
  name: "valid-configuration",
  description:
    "The pack's configuration names policies that exist, because a level for a name that none has changes nothing and " +
    "nobody is told.",
  url: "https://www.pulumi.com/docs/insights/policy/policy-packs/authoring/#policy-configuration",
  level: "mandatory",
  waivable: false,
  check: () => [],
});

export const validConfiguration: PackPolicy = {
  ...rule,
  // Not only on Kubernetes' objects: the first resource of a stack is the stack.
  validateResource: (args, report) => {
    for (const sentence of misspeltNames([...definedPolicies().keys()], args.urn)) report(sentence);
  },
};
