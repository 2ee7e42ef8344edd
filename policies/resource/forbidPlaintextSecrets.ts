import { environment, programs } from "../lib/containers";
import type { KubernetesObject } from "../lib/objects";
import { podsOf, type Container } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";
import type { Word } from "../lib/programs";
import { kindByName, secretIn, secretLine } from "../../components/text/secrets";
import { at, elements, entries, UNKNOWN, type Value } from "../lib/values";

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
    const kind = secretIn(value) ?? kindByName(name, value);
    if (kind !== undefined) yield hidden(container, `env.${name}`, kind, "set valueFrom: { secretKeyRef: … }");
  }
}

/** Flags, variables of the command line, and texts; the value itself must stand in the manifest. */
function* commandLine(container: Container): Iterable<Problem> {
  const set = "give it by an environment variable from a Secret";
  const literal = rawWords(container);
  const started = programs(container);
  for (const program of started === UNKNOWN ? [] : started) {
    for (const [name, value] of [...program.set, ...flagsOf([program.path, ...program.args])]) {
      const given = typeof value === "string" && literal.includes(value) ? value : "";
      const kind = given === "" ? undefined : (secretIn(given) ?? kindByName(name.replace(/^--?/, ""), given));
      if (kind === undefined) continue;
      yield hidden(container, name, kind, set);
      return;
    }
  }
  const kind = secretIn(literal);
  if (kind !== undefined) yield hidden(container, "args", kind, set);
}

/** `--name value` and `--name=value`, and curl's `-u user:password`. */
function flagsOf(words: readonly Word[]): [string, Word][] {
  return words.flatMap((word, index): [string, Word][] => {
    if (typeof word !== "string") return [];
    const [, name = "", value] = /^(--?[a-zA-Z][\w-]*)(?:=(.*))?$/s.exec(word) ?? [];
    const next = value ?? words[index + 1];
    if (name === "" || next === undefined || (typeof next === "string" && next.startsWith("-"))) return [];
    return [[name === "-u" || name === "--user" ? "--basic-auth" : name, next]];
  });
}

/** The manifest's own text, so that `$(NAME)`, whose variable has been judged already, is not taken for its value. */
function rawWords(container: Container): string {
  const lists: readonly (Value | undefined)[] = [at(container.spec, "command"), at(container.spec, "args")];
  return lists
    .flatMap((list) => elements(list))
    .filter((word) => typeof word === "string")
    .join("\n");
}

function* map(prefix: string, value: Value | undefined, isData: boolean, set: string): Iterable<Problem> {
  for (const [key, text] of entries(value)) {
    if (typeof text !== "string") continue;
    const kind = secretIn(text) ?? (isData ? inData(key, text) : undefined);
    if (kind !== undefined)
      yield { field: `${prefix}${key}`, value: undefined, shown: kind, must: "be no secret", set };
  }
}

function inData(key: string, text: string): string | undefined {
  const line = secretLine(text);
  return kindByName(key, text) ?? (line === undefined ? undefined : `'${line}' in plain text`);
}

function hidden(container: Container, field: string, shown: string, set: string): Problem {
  return { container: container.name, field, value: undefined, shown, must: "come from a Secret", set };
}
