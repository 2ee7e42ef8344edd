/** Which programs a command line starts, through shells, launchers and Python's own ways of naming what it runs. */
import { HOLE, shellCommands, type SimpleCommand, type Variables } from "./shell";
import { UNKNOWN } from "./values";

export type Word = string | typeof UNKNOWN;

/** One program that is started. */
export interface Program {
  /** Without its folder; `undefined` where that is not known. */
  readonly name: string | undefined;
  /** As it was written; what is not known is `…`. */
  readonly path: string;
  readonly args: readonly Word[];
  /** Python: the module of `-m`, the code of `-c` or of a here-document, or the script's path. */
  readonly module?: string;
  readonly code?: string;
  readonly script?: string;
  /** What the command line itself sets in the program's environment. */
  readonly set: ReadonlyMap<string, Word>;
}

const shells = /^(?:ba|da|a|z|k)?sh$/;
const pythons = /^(?:python|pypy)[\d.]*$/;

/** Launchers that run the rest of their line. */
const launchers = new Set(
  (
    "exec command builtin nohup setsid sudo time nice ionice stdbuf env setpriv unshare runuser tini dumb-init catatonit docker-init " +
    "numactl opentelemetry-instrument ddtrace-run uvx xargs strace catchsegv unbuffer timeout taskset gosu su-exec chroot chrt pipx"
  ).split(" "),
);
/** Those whose first own argument stands before it: a time, a mask, a user, a folder, a priority, a verb. */
const withArgument = new Set(["timeout", "taskset", "gosu", "su-exec", "chroot", "chrt", "pipx"]);
/** Launchers that do so after a verb of theirs. */
const verbs = new Map([
  ...[
    "uv",
    "poetry",
    "pipenv",
    "pdm",
    "hatch",
    "rye",
    "pixi",
    "conda",
    "mamba",
    "micromamba",
    "doppler",
    "infisical",
  ].map((name) => [name, "run"] as const),
  ["nsys", "profile"] as const,
  ["scl", "enable"] as const,
]);
/** Their options that take the word after them. */
const withValue =
  /^(?:-[nupPksCNmo]|--(?:with|with-requirements|with-editable|python|extra|group|project|directory|env-file|index-url|extra-index-url|from|package|name|prefix|cwd|user|signal|kill-after|adjustment|chdir|output|physcpubind|cpunodebind|membind))$/;

export function text(word: string): string {
  return word.replaceAll(HOLE, "…");
}

const toWord = (word: string): Word => (word.includes(HOLE) ? UNKNOWN : word);

/** The programs that a command line starts, in the order of its text; each of its words may hold holes. */
export function programsOf(words: readonly string[], variables: Variables): Program[] {
  return new Reader().read({ words, set: new Map(), variables, input: undefined, output: undefined }, 0);
}

/** A script that starts itself is not followed for ever. */
const deepest = 6;

class Reader {
  /** What the command line itself writes into files, to start it afterwards. */
  private readonly files = new Map<string, string>();

  read(command: SimpleCommand, depth: number): Program[] {
    const [first, ...rest] = command.words;
    if (first === undefined || depth > deepest) return [];
    if (command.output !== undefined && command.input !== undefined) this.files.set(command.output, command.input);
    // Arguments alone, for the program that the image starts.
    if (first.startsWith("-")) return [program(first, first, rest, command)];
    const name = first.split("/").at(-1) ?? "";
    if (shells.test(name)) return this.shell(first, name, rest, command, depth);
    if (name === "eval") return this.script(rest.join(" "), [], command, depth);
    if (name === "su") {
      const flag = rest.findIndex((word) => word === "-c" || word === "--command");
      if (flag >= 0) return this.script(rest[flag + 1] ?? "", [], command, depth);
    }
    const launched = launchedBy(name, rest);
    if (launched) {
      const set = new Map([...command.set, ...launched.set]);
      return this.read({ ...command, words: launched.words, set }, depth + 1);
    }
    const written = this.files.get(first);
    if (written !== undefined) return this.script(written, command.words, command, depth);
    if (pythons.test(name)) return [this.python(first, name, rest, command)];
    return [program(first, name, rest, command)];
  }

  private script(
    script: string,
    positional: readonly string[],
    { set, variables }: SimpleCommand,
    depth: number,
  ): Program[] {
    return shellCommands(script, variables, positional)
      .map((inner) => ({ ...inner, set: new Map([...set, ...inner.set]) }))
      .flatMap((inner) => this.read(inner, depth + 1));
  }

  private shell(path: string, name: string, args: readonly string[], command: SimpleCommand, depth: number): Program[] {
    let index = 0;
    for (; index < args.length; index++) {
      const word = args[index] ?? "";
      if (/^-[a-zA-Z]*c[a-zA-Z]*$/.test(word)) {
        // `bash -c -e script` is allowed: the script is the first word that is no option.
        const at = args.findIndex((next, later) => later > index && !/^[-+][a-zA-Z]/.test(next));
        return at < 0 ? [] : this.script(args[at] ?? "", args.slice(at + 1), command, depth);
      }
      if (word === "-o" || word === "+o" || word === "-O") index++;
      else if (!/^[-+]/.test(word)) break;
    }
    const file = args[index];
    const body = file === undefined ? command.input : this.files.get(file);
    if (body !== undefined) return this.script(body, args.slice(index), command, depth);
    return [{ ...program(path, name, args.slice(index + 1), command), ...(file !== undefined && { script: file }) }];
  }

  private python(path: string, name: string, args: readonly string[], command: SimpleCommand): Program {
    for (let index = 0; index < args.length; index++) {
      const word = args[index] ?? "";
      const short = /^-[a-zA-Z]*?([mc])(.*)$/s.exec(word.startsWith("--") ? "" : word);
      if (short) {
        const value = short[2] || args[index + 1];
        const rest = args.slice(index + (short[2] ? 1 : 2));
        const what = value === undefined ? {} : short[1] === "m" ? { module: value } : { code: value };
        return { ...program(path, name, rest, command), ...what };
      }
      if (/^-[XW]$/.test(word)) index++;
      else if (word === "-" || !word.startsWith("-")) {
        const code = word === "-" ? command.input : this.files.get(word);
        return {
          ...program(path, name, args.slice(index + 1), command),
          ...(code === undefined ? { script: word } : { code }),
        };
      }
    }
    return { ...program(path, name, [], command), ...(command.input !== undefined && { code: command.input }) };
  }
}

function program(path: string, name: string, args: readonly string[], { set }: SimpleCommand): Program {
  return {
    name: name.includes(HOLE) ? undefined : name,
    path: text(path),
    args: args.map(toWord),
    set: new Map([...set].map(([variable, value]) => [variable, toWord(value)])),
  };
}

/** The line that a launcher starts and what it sets for it; `undefined` if it is none. */
function launchedBy(
  name: string,
  args: readonly string[],
): { words: readonly string[]; set: Map<string, string> } | undefined {
  const verb = verbs.get(name);
  const at = verb === undefined ? -1 : args.indexOf(verb);
  if (!launchers.has(name) && at < 0) return undefined;
  const set = new Map<string, string>();
  let own = withArgument.has(name);
  const rest = args.slice(at + 1);
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? "";
    const assignment = name === "env" ? /^(\w+)=(.*)$/s.exec(word) : null;
    if (assignment) set.set(assignment[1] ?? "", assignment[2] ?? "");
    else if (name === "env" && /^(?:-u|--unset)$/.test(word)) set.set(rest[++index] ?? "", "");
    else if (withValue.test(word) || (name === "exec" && word === "-a")) index++;
    else if (word.startsWith("-")) continue;
    else if (own) own = false;
    else return { words: rest.slice(index), set };
  }
  return { words: [], set };
}
