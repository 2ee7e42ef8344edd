import { flag } from "../lib/commandLine";
import { environment, serverWords, words } from "../lib/containers";
import type { KubernetesObject } from "../lib/objects";
import { podsOf, type Container } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";
import { isSecretText, namesSecret, secretIn } from "../lib/secrets";
import { at, entries, type Value } from "../lib/values";

const secretFlags = ["api-key", "hf-token", "token", "password"];

export const forbidPlaintextSecrets = resourcePolicy({
  name: "forbid-plaintext-secrets",
  description:
    "No token, key or password stands in an environment value, an argument, an annotation or a ConfigMap, because " +
    "everyone who may read the object reads it there.",
  url: "https://kubernetes.io/docs/concepts/configuration/secret/",
  level: "mandatory",
  *check(object): Iterable<Problem> {
    for (const pod of podsOf(object)) {
      for (const container of pod.containers) {
        yield* variables(container);
        yield* commandLine(container);
      }
      yield* map("template annotation ", at(pod.metadata, "annotations"), false, "leave it out of the pod");
    }
    yield* map("annotation ", at(object.value, "metadata", "annotations"), false, "remove the annotation");
    if (isConfigMap(object)) yield* map("data.", at(object.value, "data"), true, "move it into a Secret");
  },
});

function isConfigMap(object: KubernetesObject): boolean {
  return object.kind === "ConfigMap";
}

function* variables(container: Container): Iterable<Problem> {
  for (const { name, entry } of environment(container).variables) {
    const value = at(entry, "value");
    if (typeof value !== "string") continue;
    const kind = secretIn(value) ?? (namesSecret(name) && isSecretText(value) ? "a value in plain text" : undefined);
    if (kind === undefined) continue;
    yield hidden(container, `env.${name}`, kind, "set valueFrom: { secretKeyRef: … }");
  }
}

function* commandLine(container: Container): Iterable<Problem> {
  const text = words(container).filter((word) => typeof word === "string");
  const literal = rawWords(container);
  for (const name of secretFlags) {
    const given = flag(serverWords(container), name);
    const value = Array.isArray(given) ? (given as Value[])[0] : undefined;
    if (typeof value !== "string" || !isSecretText(value) || !literal.includes(value)) continue;
    yield hidden(container, `--${name}`, "a value in plain text", "give it by an environment variable from a Secret");
    return;
  }
  const kind = text.map(secretIn).find((found) => found !== undefined);
  if (kind !== undefined) yield hidden(container, "args", kind, "give it by an environment variable from a Secret");
}

/** The manifest's own text, so that `$(NAME)`, whose variable has been judged already, is not taken for its value. */
function rawWords(container: Container): string {
  const lists: readonly (Value | undefined)[] = [at(container.spec, "command"), at(container.spec, "args")];
  return lists
    .flatMap((list): readonly Value[] => (Array.isArray(list) ? (list as readonly Value[]) : []))
    .filter((word) => typeof word === "string")
    .join("\n");
}

function* map(prefix: string, value: Value | undefined, byName: boolean, set: string): Iterable<Problem> {
  for (const [key, text] of entries(value)) {
    if (typeof text !== "string") continue;
    const kind =
      secretIn(text) ?? (byName && namesSecret(key) && isSecretText(text) ? "a value in plain text" : undefined);
    if (kind !== undefined)
      yield { field: `${prefix}${key}`, value: undefined, shown: kind, must: "be no secret", set };
  }
}

function hidden(container: Container, field: string, shown: string, set: string): Problem {
  return { container: container.name, field, value: undefined, shown, must: "come from a Secret", set };
}
