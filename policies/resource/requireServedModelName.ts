import { flag } from "../lib/commandLine";
import { servesVllm } from "../lib/evidence";
import { podsOf } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";
import { UNKNOWN } from "../lib/values";
import { argumentsAreWhole, isHeadless, serverWords } from "../lib/server";

export const requireServedModelName = resourcePolicy({
  name: "require-served-model-name",
  description:
    "A vLLM server is given --served-model-name with a name without slash among them, because clients see a local path " +
    "otherwise, and some cannot use a name with a slash.",
  url: "https://docs.vllm.ai/en/latest/cli/serve/",
  symptom: "model-name-is-path",
  level: "mandatory",
  about: "servers",
  *check(object): Iterable<Problem> {
    for (const container of podsOf(object).flatMap((pod) => pod.containers)) {
      if (!servesVllm(container) || isHeadless(container)) continue;
      const names = flag(serverWords(container), "served-model-name");
      if (names === UNKNOWN) continue;
      if (names === "absent" || names.length === 0) {
        if (!argumentsAreWhole(container)) continue;
        const must = "be given";
        const set = "set --served-model-name <model id> <alias without slash>";
        yield { container: container.name, field: "--served-model-name", value: undefined, must, set };
        continue;
      }
      if (names.some((name) => name === UNKNOWN || !name.includes("/"))) continue;
      yield {
        container: container.name,
        field: "--served-model-name",
        value: names,
        must: "have a name without slash",
        set: `add one, such as ${alias(names as readonly string[])}`,
      };
    }
  },
});

function alias(names: readonly string[]): string {
  return (names[0]?.split("/").at(-1) ?? "").toLowerCase();
}
