import { listWaivers } from "../../../../policies/stack/listWaivers";
import { deployment, pod, route, stackWith } from "../resources";
import { unknown, type PolicyCases } from "../support";

const waive = (policy: string, reason: unknown): { annotations: Record<string, unknown> } => ({
  annotations: { [`vllm-policies/waive-${policy}`]: reason },
});
const at = (object: string, policy: string, reason: string): string =>
  `${object}: 'annotation vllm-policies/waive-${policy}' (${reason}) must still hold: it lets the resource off ${policy}; ` +
  "remove it when the reason is gone.";

export default {
  policy: listWaivers,
  cases: [
    { says: "a stack without waivers", given: stackWith() },
    {
      says: "two waivers",
      given: stackWith(
        deployment(pod(), {}, waive("pin-image-tag", "a demo")),
        route({}, waive("require-route-timeout", "short answers")),
      ),
      finds: [
        at("Deployment vllm-inference/vllm", "pin-image-tag", '"a demo"'),
        at("Route vllm-inference/vllm", "require-route-timeout", '"short answers"'),
      ],
    },
    {
      says: "a waiver that is not in force for want of a reason",
      given: stackWith(deployment(pod(), {}, waive("pin-image-tag", ""))),
    },
    {
      says: "a reason that is not known yet",
      given: stackWith(route({}, waive("require-route-tls", unknown))),
      finds: [at("Route vllm-inference/vllm", "require-route-tls", "unknown")],
    },
  ],
} satisfies PolicyCases;
