import { findModel } from "../../components/capacity/models";
import { volumeMounts } from "../lib/containers";
import { servesVllm } from "../lib/evidence";
import { type KubernetesObject } from "../lib/objects";
import { podsOf, type Container } from "../lib/pods";
import { stackPolicy, type StackProblem } from "../lib/policy";
import { gibibytes, parseQuantity } from "../../components/text/quantity";
import { find } from "../lib/stack";
import { asText, at, elements } from "../lib/values";
import { modelNames } from "../lib/server";

interface Settings {
  readonly headroomPercent: number;
  readonly weightsGiB: Readonly<Record<string, number>>;
}

export const requireRoomForWeights = stackPolicy<Settings>({
  name: "require-room-for-weights",
  description:
    "A claim holds the weights of every model that is served from it with head-room, because a download that fills the " +
    "volume ends after minutes and leaves nothing to serve.",
  url: "https://huggingface.co/docs/huggingface_hub/guides/manage-cache",
  symptom: "downloader-disk-full",
  level: "mandatory",
  settings: {
    headroomPercent: {
      type: "integer",
      minimum: 0,
      default: 20,
      description: "Room beyond the weights, in percent: tokenizer, caches and unfinished files.",
    },
    weightsGiB: {
      type: "object",
      default: {},
      description: "GiB of the weights of models that the pack does not know, by model id.",
    },
  },
  *check(objects, settings): Iterable<StackProblem> {
    for (const claim of objects.filter(({ kind }) => kind === "PersistentVolumeClaim")) {
      const storage = at(claim.value, "spec", "resources", "requests", "storage");
      const size = parseQuantity(typeof storage === "number" ? String(storage) : (asText(storage) ?? ""));
      const served = modelsOn(objects, claim, settings);
      const weights = [...served.values()].reduce((sum, one) => sum + one, 0);
      const needed = weights * (1 + settings.headroomPercent / 100);
      if (size === undefined || size >= needed) continue;
      yield {
        object: claim,
        field: "spec.resources.requests.storage",
        value: storage,
        must: `hold ${[...served.keys()].join(" and ")}, ${gibibytes(weights)} of weights and ${settings.headroomPercent} % more`,
        set: `set ${Math.ceil(needed / 1024 ** 3)}Gi`,
      };
    }
  },
});

/** The models that are served from a claim, each with the bytes of its weights, where they are known. */
function modelsOn(
  objects: readonly KubernetesObject[],
  claim: KubernetesObject,
  settings: Settings,
): Map<string, number> {
  const models = new Map<string, number>();
  for (const pod of objects.flatMap(podsOf)) {
    const names = elements(at(pod.spec, "volumes"))
      .filter((volume) => {
        const name = asText(at(volume, "persistentVolumeClaim", "claimName"));
        return name !== undefined && find([claim], "PersistentVolumeClaim", name, pod.object) === claim;
      })
      .map((volume) => at(volume, "name"));
    for (const container of pod.containers.filter((candidate) => servesVllm(candidate) && mounts(candidate, names))) {
      const known = modelNames(container).map((name) => [name, weightBytes(name, settings)] as const);
      const first = known.find(([, weights]) => weights !== undefined);
      if (first?.[1] !== undefined) models.set(first[0], first[1]);
    }
  }
  return models;
}

function mounts(container: Container, volumes: readonly unknown[]): boolean {
  return volumeMounts(container).some(({ name }) => volumes.includes(name));
}

function weightBytes(model: string, { weightsGiB }: Settings): number | undefined {
  const given = weightsGiB[model];
  return given === undefined ? findModel(model)?.weightBytes : given * 1024 ** 3;
}
