import { environment, type Variable } from "../lib/containers";
import { downloadOf, hasFilledCache, offlineSwitch as name, type Download } from "../lib/downloads";
import type { KubernetesObject } from "../lib/objects";
import { matchesAny } from "../lib/patterns";
import { podsOf, type Container } from "../lib/pods";
import { dig, resourcePolicy, type Mutable, type MutableValue, type Problem } from "../lib/policy";
import { asText, at, UNKNOWN } from "../lib/values";

interface Settings {
  readonly localModels: Readonly<Record<string, unknown>>;
}

export const requireHfHubOnline = resourcePolicy<Settings>({
  name: "require-hf-hub-online",
  description:
    'A container that downloads from the Hugging Face Hub sets HF_HUB_OFFLINE to the string "0", because the RHAIIS ' +
    "image sets it to 1 and the download then fails with 'offline mode is enabled'.",
  url: "https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables#hfhuboffline",
  symptom: "downloader-offline",
  level: "mandatory",
  about: "downloads",
  required: true,
  mends: true,
  settings: {
    localModels: {
      type: "object",
      default: {},
      description:
        "Models that servers find in a cache of their own although they name them as the Hub does, each with the reason: " +
        "by the model's id or as 'namespace/workload'; an asterisk stands for any characters.",
    },
  },
  *check(object, settings): Iterable<Problem> {
    for (const container of podsOf(object).flatMap((pod) => pod.containers)) {
      const download = downloadOf(container);
      if (!download || isLocal(object, container, download, settings)) continue;
      if (download.inline !== undefined) {
        if (download.inline === "0" || download.inline === "" || download.inline === UNKNOWN) continue;
        const set = `set ${name}=0 there, or leave it out`;
        const must = 'be "0" in the command line, which wins over the environment';
        yield { container: container.name, field: name, value: download.inline, must, set };
        continue;
      }
      const { variables, complete } = environment(container);
      const given = variables.filter((variable) => variable.name === name);
      const wrong = given.find((variable) => !isOnline(variable));
      const absent = given.length === 0 && complete && container.pod.whole;
      if (!wrong && !absent) continue;
      yield {
        container: container.name,
        field: `env.${name}`,
        value: wrong && (at(wrong.entry, "valueFrom") !== undefined ? { valueFrom: "…" } : at(wrong.entry, "value")),
        must: 'be the string "0" and nothing else',
        set:
          `set env: { name: "${name}", value: "0" }` +
          (download.model === undefined ? "" : ", or give the reason why the model is local in localModels"),
        mend: (properties) => setOnline(properties, container),
      };
    }
  },
});

/** A server that loads by name what lies in its cache: told by the settings, or plain to see. */
function isLocal(
  object: KubernetesObject,
  container: Container,
  { model }: Download,
  { localModels }: Settings,
): boolean {
  if (model === undefined) return false;
  const names = [model, `${object.namespace ?? "default"}/${object.name}`];
  const listed = Object.entries(localModels).some(
    ([pattern, reason]) => hasReason(reason) && names.some((one) => matchesAny([pattern], one)),
  );
  const value = environment(container).variables.find((variable) => variable.name === name)?.entry;
  return listed || (/^(?:1|true|yes|on)$/i.test(asText(at(value, "value")) ?? "") && hasFilledCache(container));
}

function hasReason(reason: unknown): boolean {
  return typeof reason === "string" && reason.trim() !== "";
}

/** Not known yet is no mistake; a source elsewhere is one, for nobody can see here what it holds. */
function isOnline({ entry }: Variable): boolean {
  if (at(entry, "valueFrom") !== undefined) return false;
  const value = at(entry, "value");
  return value === "0" || value === UNKNOWN;
}

function setOnline(properties: Mutable, container: Container): void {
  const spec = dig(properties, container.path);
  spec.env ??= [];
  const env = spec.env as MutableValue[];
  const indices = environment(container)
    .variables.filter((variable) => variable.name === name)
    .map(({ index }) => index);
  const [first, ...others] = indices;
  if (first === undefined) {
    env.push({ name, value: "0" });
    return;
  }
  const entry = env[first] as Mutable;
  entry.value = "0";
  delete entry.valueFrom;
  removeAll(env, others);
}

/** Moves the raw elements, so that Pulumi's secret wrappers, which a proxy hides from a plain read, stay with them. */
function removeAll(list: MutableValue[], indices: readonly number[]): void {
  const kept = Array.from(list.keys())
    .filter((index) => !indices.includes(index))
    .map((index) => Object.getOwnPropertyDescriptor(list, index));
  kept.forEach((descriptor, index) => Object.defineProperty(list, index, descriptor ?? {}));
  list.length = kept.length;
}
