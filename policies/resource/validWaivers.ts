import { definedPolicies, resourcePolicy, type Problem } from "../lib/policy";
import { hasReason, waiverPrefix, waiversOf } from "../lib/waivers";

export const validWaivers = resourcePolicy({
  name: "valid-waivers",
  description:
    "A waiver names a policy that exists and can be waived, and gives a reason, because a waiver that does nothing or " +
    "says nothing misleads whoever reads it.",
  url: "https://www.pulumi.com/docs/insights/policy/",
  level: "mandatory",
  waivable: false,
  *check(object): Iterable<Problem> {
    for (const waiver of waiversOf(object)) {
      const policy = definedPolicies().get(waiver.policy);
      const field = `annotation ${waiverPrefix}${waiver.policy}`;
      if (!policy) {
        yield { field, value: waiver.reason, must: "name a policy of the pack", set: "correct the name or remove it" };
      } else if (!policy.waivable) {
        const must = "not be set: this policy cannot be waived";
        yield { field, value: waiver.reason, must, set: "remove it and mend what the policy finds" };
      } else if (!hasReason(waiver)) {
        yield { field, value: waiver.reason, must: "say why", set: "set its value to the reason" };
      }
    }
  },
});
