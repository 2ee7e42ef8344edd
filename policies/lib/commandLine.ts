/** What a container runs, and the flags of a command line. */
import { programsOf, type Program, type Word } from "./programs";
import { HOLE } from "./shell";
import { asText, at, elements, UNKNOWN, type Value } from "./values";

export type { Word } from "./programs";

/** The container's variables as far as they are known: `HOLE` for one whose value is not. */
export type Environment = ReadonlyMap<string, string>;

/** The programs that command and args start; `UNKNOWN` where not even the first one is known. */
export function programsIn(
  lists: readonly (Value | undefined)[],
  environment: Environment,
): Program[] | typeof UNKNOWN {
  const words = rawWords(lists, environment);
  if (words[0] === HOLE) return UNKNOWN;
  return programsOf(words, environment);
}

/** The words of the lists with Kubernetes' own references replaced; what is not known is a hole. */
export function rawWords(lists: readonly (Value | undefined)[], environment: Environment): string[] {
  return lists.flatMap((list) =>
    list === UNKNOWN ? [HOLE] : elements(list).map((word) => plainWord(word, environment)),
  );
}

/** Kubernetes replaces `$(NAME)` by the container's environment, and leaves it as it is where there is no such variable. */
function plainWord(word: Value, environment: Environment): string {
  if (typeof word !== "string") return typeof word === "number" || typeof word === "boolean" ? String(word) : HOLE;
  // A script's `$(nproc)` is the shell's; a whole word of that form can only be meant for Kubernetes.
  const alone = /^[^\s]*$/.test(word);
  return word.replace(/\$\$?\((\w+)\)/g, (reference, name: string) => {
    if (reference.startsWith("$$")) return reference.slice(1);
    return environment.get(name) ?? (alone ? HOLE : reference);
  });
}

/** A flag's values, `"absent"` when it is certainly not given, or `UNKNOWN`. */
export type Flag = readonly Word[] | "absent" | typeof UNKNOWN;

/** `--name value`, `--name=value`, underscores for dashes, and the short forms; the last one wins, as in argparse. */
export function flag(words: readonly Word[], name: string, ...short: readonly string[]): Flag {
  let result: Flag = words.includes(UNKNOWN) ? UNKNOWN : "absent";
  words.forEach((word, index) => {
    if (typeof word !== "string" || !word.startsWith("-")) return;
    const equals = word.indexOf("=");
    const given = equals < 0 ? word : word.slice(0, equals);
    if (given.replaceAll("_", "-") !== `--${name}` && !short.includes(given)) return;
    const values: Word[] = equals < 0 ? [] : [word.slice(equals + 1)];
    for (let next = index + 1; equals < 0 && next < words.length; next++) {
      const value = words[next];
      if (value === undefined || (typeof value === "string" && value.startsWith("-") && value !== "-1")) break;
      values.push(value);
    }
    result = values;
  });
  return result;
}

/** The first value of a flag as text; `undefined` when it is absent or unknown. */
export function flagText(words: readonly Word[], name: string, ...short: readonly string[]): string | undefined {
  const value = flag(words, name, ...short);
  return Array.isArray(value) ? asText((value as readonly Word[])[0]) : undefined;
}

/** Whether the container's manifest gives the list at all, even if it is not known yet. */
export function given(spec: Value, field: "command" | "args"): boolean {
  const list = at(spec, field);
  return list === UNKNOWN || elements(list).length > 0;
}
