import { defaults } from "../../components/args/defaults";
import { componentAnnotation } from "../../components/manifests/labels";
import { image } from "../lib/containers";
import { downloads } from "../lib/downloads";
import { servesVllm } from "../lib/evidence";
import { podsOf } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";
import { at } from "../lib/values";

export const pinImageTag = resourcePolicy({
  name: "pin-image-tag",
  description: "A vLLM image has a digest or a full version: a floating tag is another after a restart.",
  url: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
  level: "advisory",
  about: "both",
  *check(object): Iterable<Problem> {
    const own = at(object.value, "metadata", "annotations", componentAnnotation) !== undefined;
    for (const { containers } of podsOf(object)) {
      const [servers, others] = [containers.filter(servesVllm), containers.filter((each) => !servesVllm(each))];
      const told = new Set<string>();
      // Containers of a pod that share an image are mended together.
      for (const container of [...servers, ...others.filter(downloads)]) {
        const reference = image(container);
        if (reference === undefined || !floats(reference) || told.has(reference)) continue;
        told.add(reference);
        const problem = { field: "image", value: reference, must: "be pinned" };
        if (own && reference === defaults.image) {
          yield { ...problem, shown: `the default, :${tagOf(reference)}`, set: "set a digest", evident: true };
        } else {
          const set = "set a digest (@sha256:…) or a tag of three numbers";
          yield { ...problem, container: container.name, set };
        }
      }
    }
  },
});

/** A digest, a full version or a commit stay what they are. */
function floats(reference: string): boolean {
  if (reference.includes("@sha256:")) return false;
  return !/\d+\.\d+\.\d+|[0-9a-f]{7,}/.test(tagOf(reference));
}

const tagOf = (reference: string): string => /:([^/:]+)$/.exec(reference)?.[1] ?? "latest";
