import { protectClaims } from "../../../../policies/stack/protectClaims";
import { claim, deployment, namespace, pod, resource, stackWith, workload } from "../resources";
import { unknown, type PolicyCases } from "../support";

const at = (object: string, stack = "prod"): string =>
  `${object}: 'protect' (false) must be set, because stack ${stack} is production; set the resource option protect: true.`;
const protectedNamespace = resource("core/v1:Namespace", namespace, {}, { namespace: undefined }, true);
const guarded = claim({}, {}, true);

export default {
  policy: protectClaims,
  cases: [
    { says: "both protected in production", given: stackWith(protectedNamespace, guarded), stack: "prod" },
    {
      says: "neither protected in production",
      given: stackWith(),
      stack: "prod",
      finds: [at("PersistentVolumeClaim vllm-inference/vllm-models-cache"), at("Namespace vllm-inference")],
    },
    {
      says: "the namespace alone unprotected",
      given: stackWith(guarded),
      stack: "prod",
      finds: [at("Namespace vllm-inference")],
    },
    {
      says: "the claim of a StatefulSet unprotected",
      given: [claim(), workload("StatefulSet")],
      stack: "prod",
      finds: [at("PersistentVolumeClaim vllm-inference/vllm-models-cache")],
    },
    { says: "neither protected elsewhere", given: stackWith(), stack: "dev" },
    {
      says: "a stack that the configuration calls production",
      given: [claim(), deployment()],
      stack: "live",
      config: { productionStacks: ["live"] },
      finds: [at("PersistentVolumeClaim vllm-inference/vllm-models-cache", "live")],
    },
    { says: "no claim", given: [deployment(pod({ volumes: undefined }))], stack: "prod" },
    {
      says: "a claim's name that is not known yet",
      given: [claim(), deployment(pod({ volumes: [{ name: "m", persistentVolumeClaim: { claimName: unknown } }] }))],
      stack: "prod",
    },
  ],
} satisfies PolicyCases;
