import { validWaivers } from "../../../../policies/resource/validWaivers";
import { deployment, pod, route } from "../resources";
import { unknown, type PolicyCases } from "../support";

const waive = (policy: string, reason: unknown): { annotations: Record<string, unknown> } => ({
  annotations: { [`vllm-policies/waive-${policy}`]: reason },
});
const at = (policy: string, found: string, kind = "Deployment"): string[] => [
  `${kind} vllm-inference/vllm: 'annotation vllm-policies/waive-${policy}' ${found}`,
];
const required = "must not be set: this policy cannot be waived; remove it and mend what the policy finds.";

export default {
  policy: validWaivers,
  cases: [
    { says: "no waiver", given: deployment() },
    {
      says: "a waiver with a reason",
      given: deployment(pod(), {}, waive("pin-image-tag", "the demo follows the newest image")),
    },
    {
      says: "a waiver without a reason",
      given: deployment(pod(), {}, waive("pin-image-tag", "  ")),
      finds: at("pin-image-tag", '("  ") must say why; set its value to the reason.'),
    },
    {
      says: "a waiver for a policy that does not exist, on a Route",
      given: route({}, waive("require-route-timeouts", "x")),
      finds: at(
        "require-route-timeouts",
        '("x") must name a policy of the pack; correct the name or remove it.',
        "Route",
      ),
    },
    {
      says: "a waiver for a required policy",
      given: deployment(pod(), {}, waive("require-recreate", "we dare")),
      finds: at("require-recreate", `("we dare") ${required}`),
    },
    {
      says: "a waiver for this policy",
      given: deployment(pod(), {}, waive("valid-waivers", "no")),
      finds: at("valid-waivers", `("no") ${required}`),
    },
    {
      says: "another annotation",
      given: deployment(pod(), {}, { annotations: { "vllm-policies/owner": "platform" } }),
    },
    { says: "no metadata that is known", given: deployment(pod(), {}, { annotations: unknown }) },
    { says: "a reason that is not known yet", given: deployment(pod(), {}, waive("pin-image-tag", unknown)) },
  ],
} satisfies PolicyCases;
