import type { KubernetesObject } from "../lib/objects";
import { matchesAny } from "../lib/patterns";
import { stackPolicy, type StackProblem } from "../lib/policy";
import type { Pod } from "../lib/pods";
import { relevantPods } from "../lib/security";
import { find, mayBeUnnamed } from "../lib/stack";
import { asText, at, elements, type Value } from "../lib/values";

interface Settings {
  readonly externalSecrets: readonly string[];
}

interface Reference {
  readonly container?: string;
  readonly field: string;
  readonly name: string;
}

export const requireKnownSecrets = stackPolicy<Settings>({
  name: "require-known-secrets",
  description:
    "Every Secret that a pod refers to is in the stack or declared as external, because a pod whose Secret is missing " +
    "hangs before its first container starts.",
  url: "https://kubernetes.io/docs/concepts/configuration/secret/#restriction-secret-must-exist",
  symptom: "missing-secret",
  level: "mandatory",
  about: "both",
  settings: {
    externalSecrets: {
      type: "array",
      items: { type: "string" },
      default: [],
      description:
        "Secrets from outside the stack, as 'name' or 'namespace/name'; an asterisk stands for any characters.",
    },
  },
  *check(objects, { externalSecrets }): Iterable<StackProblem> {
    for (const object of objects) {
      for (const { container, field, name } of relevantPods(object).flatMap(references)) {
        if (isMade(objects, name, object)) continue;
        if (
          matchesAny(externalSecrets, name) ||
          matchesAny(externalSecrets, `${object.namespace ?? "default"}/${name}`)
        )
          continue;
        yield {
          object,
          ...(container !== undefined && { container }),
          field,
          value: name,
          must: "be a Secret of the stack",
          set: "correct the name, or list it in externalSecrets",
        };
      }
    }
  },
});

/** By a Secret, or by what makes one of the same name. */
function isMade(objects: readonly KubernetesObject[], name: string, from: KubernetesObject): boolean {
  const kinds = ["Secret", "SealedSecret", "ExternalSecret"];
  return (
    kinds.some((kind) => find(objects, kind, name, from) ?? mayBeUnnamed(objects, kind, from)) ||
    objects.some((object) => at(object.value, "spec", "target", "name") === name && object.kind === "ExternalSecret")
  );
}

/** What is marked optional, or not known yet, may be missing. */
function references(pod: Pod): Reference[] {
  const found: Reference[] = [];
  const add = (field: string, reference: Value | undefined, key: string, container?: string): void => {
    const name = asText(at(reference, key));
    if (name === undefined || at(reference, "optional") === true) return;
    found.push({ field, name, ...(container !== undefined && { container }) });
  };
  for (const { name, spec } of pod.containers) {
    for (const entry of elements(at(spec, "env"))) {
      add(`env.${asText(at(entry, "name")) ?? ""}`, at(entry, "valueFrom", "secretKeyRef"), "name", name);
    }
    for (const source of elements(at(spec, "envFrom"))) add("envFrom", at(source, "secretRef"), "name", name);
  }
  for (const volume of elements(at(pod.spec, "volumes"))) {
    const field = `volumes.${asText(at(volume, "name")) ?? ""}`;
    add(field, at(volume, "secret"), "secretName");
    for (const source of elements(at(volume, "projected", "sources"))) add(field, at(source, "secret"), "name");
  }
  for (const secret of elements(at(pod.spec, "imagePullSecrets"))) add("imagePullSecrets", secret, "name");
  return found;
}
