import { image, repository } from "../lib/containers";
import { servesVllm } from "../lib/evidence";
import { matchesAny } from "../lib/patterns";
import { podsOf } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";
import { isRhaiis } from "../lib/vllmNames";

interface Settings {
  readonly allowedImages: readonly string[];
}

export const requireRhaiisImage = resourcePolicy<Settings>({
  name: "require-rhaiis-image",
  description:
    "A container that serves vLLM runs Red Hat's image and not the community one, whose NVIDIA_REQUIRE_CUDA refuses " +
    "newer drivers so that the GPU is not visible.",
  url: "https://docs.redhat.com/en/documentation/red_hat_ai_inference_server/",
  symptom: "server-cuda-requirement",
  level: "mandatory",
  about: "servers",
  settings: {
    allowedImages: {
      type: "array",
      items: { type: "string" },
      default: [],
      description: "Further repositories that are allowed, without tag; an asterisk stands for any characters.",
    },
  },
  *check(object, { allowedImages }): Iterable<Problem> {
    for (const container of podsOf(object).flatMap((pod) => pod.containers)) {
      const reference = image(container);
      if (reference === undefined || !servesVllm(container)) continue;
      if (isRhaiis(repository(reference)) || matchesAny(allowedImages, repository(reference))) continue;
      yield {
        container: container.name,
        field: "image",
        value: reference,
        must: "be a Red Hat AI Inference Server image",
        set: 'set image: "registry.redhat.io/rhaiis/vllm-cuda-rhel9@sha256:…", or list the repository in allowedImages',
      };
    }
  },
});
