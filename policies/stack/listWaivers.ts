import { definedPolicies, stackPolicy, type StackProblem } from "../lib/policy";
import { hasReason, waiverPrefix, waiversOf } from "../lib/waivers";

export const listWaivers = stackPolicy({
  name: "list-waivers",
  description:
    "The waivers in force are listed at the end of each run, because an exception that nobody sees again is a rule.",
  url: "https://www.pulumi.com/docs/insights/policy/",
  level: "advisory",
  waivable: false,
  *check(objects): Iterable<StackProblem> {
    for (const object of objects) {
      for (const waiver of waiversOf(object).filter(hasReason)) {
        const policy = definedPolicies().get(waiver.policy);
        if (!policy?.waivable) continue;
        yield {
          object,
          field: `annotation ${waiverPrefix}${waiver.policy}`,
          value: waiver.reason,
          must: `still hold: it lets the resource off ${waiver.policy}`,
          set: "remove it when the reason is gone",
        };
      }
    }
  },
});
