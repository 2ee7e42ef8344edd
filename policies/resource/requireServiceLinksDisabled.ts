import { podServesVllm } from "../lib/evidence";
import type { KubernetesObject } from "../lib/objects";
import { podsOf } from "../lib/pods";
import { dig, resourcePolicy, type Problem } from "../lib/policy";
import { at, elements, UNKNOWN } from "../lib/values";

export const requireServiceLinksDisabled = resourcePolicy({
  name: "require-service-links-disabled",
  description:
    "A pod that serves vLLM sets enableServiceLinks to false, because a Service named vllm otherwise puts " +
    "VLLM_PORT=tcp://… into its environment and the server stops at it.",
  url: "https://docs.vllm.ai/en/latest/configuration/env_vars/",
  symptom: "server-vllm-port",
  level: "mandatory",
  about: "servers",
  required: true,
  mends: true,
  *check(object): Iterable<Problem> {
    // KServe's ServingRuntime has no such field: the InferenceService decides it.
    if (object.kind === "ServingRuntime" || object.kind === "ClusterServingRuntime") return;
    const elsewhere = object.partial || object.kind === "LLMInferenceServiceConfig" || isBased(object);
    for (const pod of podsOf(object)) {
      const value = at(pod.spec, "enableServiceLinks");
      if (value === false || value === UNKNOWN || (value === undefined && elsewhere) || !podServesVllm(pod)) continue;
      yield {
        field: [...pod.path, "enableServiceLinks"].join("."),
        value,
        must: "be false, and absent means true",
        set: "set enableServiceLinks: false",
        mend: (properties) => {
          dig(properties, pod.path).enableServiceLinks = false;
        },
      };
    }
  },
});

/** An LLMInferenceService takes from the configurations that it names what it does not say itself. */
function isBased(object: KubernetesObject): boolean {
  const configurations = at(object.value, "spec", "baseRefs");
  return object.kind === "LLMInferenceService" && (configurations === UNKNOWN || elements(configurations).length > 0);
}
