import { flag } from "../lib/commandLine";
import { servesVllm } from "../lib/evidence";
import { podsOf } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";
import { serverWords } from "../lib/server";
import { at, UNKNOWN } from "../lib/values";

const annotation = "vllm-inference/trust-remote-code";

export const justifyRemoteCode = resourcePolicy({
  name: "justify-remote-code",
  description:
    `A vLLM server runs code out of the model's repository (--trust-remote-code) only where the annotation ${annotation} says why, ` +
    "because whoever can write there then runs code in the cluster.",
  url: "https://docs.vllm.ai/en/latest/usage/security/",
  level: "mandatory",
  about: "servers",
  *check(object): Iterable<Problem> {
    const reason = at(object.value, "metadata", "annotations", annotation);
    if (reason === UNKNOWN || (typeof reason === "string" && reason.trim() !== "")) return;
    if (at(object.value, "metadata", "annotations") === UNKNOWN) return;
    for (const container of podsOf(object).flatMap((pod) => pod.containers)) {
      if (!Array.isArray(flag(serverWords(container), "trust-remote-code")) || !servesVllm(container)) continue;
      yield {
        container: container.name,
        field: "--trust-remote-code",
        value: true,
        must: `be off, or have its reason in the annotation ${annotation}`,
        set: "take it out, or write there why the code is trusted",
      };
    }
  },
});
