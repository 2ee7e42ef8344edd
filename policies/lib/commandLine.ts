/** What a container runs: command and arguments as words, also when they are a line for a shell. */
import { asText, at, elements, UNKNOWN, type Value } from "./values";

export type Word = string | typeof UNKNOWN;

/** Ends a command in a shell's line. */
const SEPARATOR = "\n;";
const shells = /^(?:.*\/)?(?:ba|da|a|z|k)?sh$/;

/** The words of command and args. What cannot be known, an Output or a shell's variable, is one `UNKNOWN` word. */
export function commandWords(spec: Value, env: ReadonlyMap<string, string>): Word[] {
  const lists: readonly (Value | undefined)[] = [at(spec, "command"), at(spec, "args")];
  const words = lists.flatMap((list): Word[] =>
    list === UNKNOWN ? [UNKNOWN] : elements(list).map((word) => plainWord(word, env)),
  );
  const [program] = words;
  if (typeof program !== "string" || !shells.test(program)) return words;
  const flag = words.findIndex((word, index) => index > 0 && typeof word === "string" && /^-[a-z]*c$/.test(word));
  const script = flag < 0 ? undefined : words[flag + 1];
  return typeof script === "string" ? shellWords(script, env) : script === UNKNOWN ? [UNKNOWN] : words;
}

/** Kubernetes replaces `$(NAME)` by the container's environment. */
function plainWord(word: Value, env: ReadonlyMap<string, string>): Word {
  if (typeof word !== "string") return typeof word === "number" || typeof word === "boolean" ? String(word) : UNKNOWN;
  let known = true;
  const replaced = word.replace(/\$\$?\((\w+)\)/g, (reference, name: string) => {
    if (reference.startsWith("$$")) return reference.slice(1);
    const value = env.get(name);
    known &&= value !== undefined;
    return value ?? reference;
  });
  return known ? replaced : UNKNOWN;
}

/** The words of a shell's script: quotes, escapes, comments, line continuations and simple variables. */
function shellWords(script: string, env: ReadonlyMap<string, string>): Word[] {
  const words: Word[] = [];
  let word: string | undefined;
  let known = true;
  let quote: "'" | '"' | undefined;
  const end = (): void => {
    if (word !== undefined) words.push(known ? word : UNKNOWN);
    word = undefined;
    known = true;
  };
  for (let index = 0; index < script.length; index++) {
    const character = script[index] ?? "";
    const rest = script.slice(index);
    if (quote !== "'" && character === "\\") {
      index++;
      if (script[index] !== "\n") word = (word ?? "") + (script[index] ?? "");
    } else if (quote !== "'" && (character === "$" || character === "`")) {
      const simple = /^\$(?:\{(\w+)\}|([A-Za-z_]\w*))/.exec(rest);
      const value = env.get(simple?.[1] ?? simple?.[2] ?? "");
      known &&= value !== undefined;
      word = (word ?? "") + (value ?? "");
      index += (simple?.[0] ?? substitution(rest)).length - 1;
    } else if (quote) {
      if (character === quote) quote = undefined;
      else word = (word ?? "") + character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (character === "#" && word === undefined) {
      index += (/^[^\n]*/.exec(rest)?.[0].length ?? 1) - 1;
    } else if (/[\n;&|]/.test(character)) {
      end();
      words.push(SEPARATOR);
    } else if (/\s/.test(character)) {
      end();
    } else {
      word = (word ?? "") + character;
    }
  }
  end();
  return words;
}

/** `$(…)`, `${…}` or `` `…` ``, nested parentheses included. */
function substitution(text: string): string {
  if (text.startsWith("`")) return text.slice(0, Math.max(text.indexOf("`", 1) + 1, 1));
  const open = text[1];
  if (open !== "(" && open !== "{") return text.slice(0, 2);
  let depth = 0;
  for (let index = 1; index < text.length; index++) {
    if (text[index] === open) depth++;
    if (text[index] === (open === "(" ? ")" : "}") && --depth === 0) return text.slice(0, index + 1);
  }
  return text;
}

/** The single commands of a shell's line; a plain command line is one. */
export function commands(words: readonly Word[]): Word[][] {
  const result: Word[][] = [[]];
  for (const word of words) {
    if (word === SEPARATOR) result.push([]);
    else result.at(-1)?.push(word);
  }
  return result.filter((command) => command.length > 0);
}

/** The known words of a command, for looking something up in it. */
export function textOf(words: readonly Word[]): string {
  return words.filter((word) => word !== UNKNOWN).join(" ");
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
