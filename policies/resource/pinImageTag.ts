import { image } from "../lib/containers";
import { downloads } from "../lib/downloads";
import { servesVllm } from "../lib/evidence";
import { podsOf } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";

export const pinImageTag = resourcePolicy({
  name: "pin-image-tag",
  description:
    "An image that serves vLLM or downloads its model is named by digest or full version, because a floating tag is " +
    "another vLLM after the next restart.",
  url: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
  level: "advisory",
  about: "both",
  *check(object): Iterable<Problem> {
    for (const container of podsOf(object).flatMap((pod) => pod.containers)) {
      const reference = image(container);
      if (reference === undefined || !floats(reference) || !(servesVllm(container) || downloads(container))) continue;
      yield {
        container: container.name,
        field: "image",
        value: reference,
        must: "be pinned",
        set: "set a digest (@sha256:…) or a tag of three numbers",
      };
    }
  },
});

/** A digest, a full version or a commit stay what they are. */
function floats(reference: string): boolean {
  if (reference.includes("@sha256:")) return false;
  const tag = /:([^/:]+)$/.exec(reference)?.[1] ?? "latest";
  return !/\d+\.\d+\.\d+|[0-9a-f]{7,}/.test(tag);
}
