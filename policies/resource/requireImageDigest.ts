import { image } from "../lib/containers";
import { downloads } from "../lib/downloads";
import { servesVllm } from "../lib/evidence";
import { matchesAny, productionStacks } from "../lib/patterns";
import { podsOf } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";

interface Settings {
  readonly productionStacks: readonly string[];
}

export const requireImageDigest = resourcePolicy<Settings>({
  name: "require-image-digest",
  description:
    "In production an image that serves vLLM or downloads its model is named by digest, because any tag can be moved " +
    "to something nobody has tried.",
  url: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
  level: "mandatory",
  about: "both",
  settings: { productionStacks },
  *check(object, settings): Iterable<Problem> {
    if (!matchesAny(settings.productionStacks, object.stack)) return;
    for (const container of podsOf(object).flatMap((pod) => pod.containers)) {
      const reference = image(container);
      if (reference === undefined || /@sha256:[0-9a-f]{64}$/.test(reference)) continue;
      if (!servesVllm(container) && !downloads(container)) continue;
      yield {
        container: container.name,
        field: "image",
        value: reference,
        must: `end in a digest, because stack ${object.stack} is production`,
        set: "set image: <repository>@sha256:<digest>",
      };
    }
  },
});
