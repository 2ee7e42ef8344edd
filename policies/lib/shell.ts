/** What a shell's script runs: its simple commands, with the variables that are known where each of them stands. */
import { parse, type Command, type Redirection, type SyntaxNode, type Word, type WordPart } from "unbash";

/** Stands in a text for what nobody can know here: an Output, a variable of the image, what another command prints. */
export const HOLE = "\uFFFC";

export type Variables = ReadonlyMap<string, string | readonly string[]>;

export interface SimpleCommand {
  /** Program and arguments; each may hold holes. */
  readonly words: readonly string[];
  /** Set for this command by the script: before it in its line, or exported earlier. */
  readonly set: ReadonlyMap<string, string>;
  /** Everything that a shell started here would know. */
  readonly variables: Variables;
  /** The here-document that it reads, and the file that it writes. */
  readonly input: string | undefined;
  readonly output: string | undefined;
}

/** The commands of a script in the order of its text, those in branches, functions and substitutions included. */
export function shellCommands(script: string, variables: Variables, positional: readonly string[]): SimpleCommand[] {
  const shell = new Shell(new Map(variables), positional);
  shell.read(script);
  return shell.found;
}

class Shell {
  readonly found: SimpleCommand[] = [];
  private readonly exported = new Map<string, string>();

  constructor(
    private variables: Map<string, string | readonly string[]>,
    private readonly positional: readonly string[],
  ) {}

  read(script: string): void {
    this.list(parse(script).commands);
  }

  private list(nodes: readonly SyntaxNode[]): void {
    for (const node of nodes) this.node(node);
  }

  private node(node: SyntaxNode): void {
    if (node.type === "Command") this.command(node);
    else if (node.type === "Statement" || node.type === "Redirected") this.node(node.command);
    else if (node.type === "Pipeline" || node.type === "CompoundList") this.list(node.commands);
    else if (node.type === "Subshell" || node.type === "BraceGroup") this.node(node.body);
    else if (node.type === "Case") this.perhaps(...node.items.map(({ body }) => [body]));
    else if (node.type === "While") this.perhaps([node.clause, node.body]);
    else if (node.type === "ArithmeticFor" || node.type === "Function" || node.type === "Coproc")
      this.perhaps([node.body]);
    else if (node.type === "AndOr") {
      node.commands.forEach((command, index) =>
        node.operators[index - 1] === "||" ? this.perhaps([command]) : this.node(command),
      );
    } else if (node.type === "If") {
      this.node(node.clause);
      this.perhaps([node.then], ...node.elif.map(({ clause, then }) => [clause, then]), [node.else]);
    } else if (node.type === "For" || node.type === "Select") {
      this.variables.set(node.name.value, HOLE);
      this.perhaps([node.body]);
    }
  }

  /** Branches of which one, several or none may run: what they set differently afterwards is not known. */
  private perhaps(...branches: (readonly (SyntaxNode | undefined)[])[]): void {
    const before = this.variables;
    const exportedBefore = new Map(this.exported);
    const changed = new Set<string>();
    for (const branch of branches) {
      this.variables = new Map(before);
      this.list(branch.filter((node) => node !== undefined));
      for (const [name, value] of this.variables) if (before.get(name) !== value) changed.add(name);
      for (const [name, value] of this.exported) if (exportedBefore.get(name) !== value) changed.add(name);
    }
    this.variables = before;
    for (const name of changed) {
      this.variables.set(name, HOLE);
      if (this.exported.has(name)) this.exported.set(name, HOLE);
    }
  }

  private command({ name, prefix, suffix, redirects }: Command): void {
    const own = new Map<string, string>();
    for (const part of prefix) {
      if (part.type !== "Assignment") continue;
      const value =
        part.value.type === "Word" ? this.text(part.value) : part.value.elements.flatMap((word) => this.fields(word));
      if (name === undefined) this.assign(part.name, value);
      else if (typeof value === "string") own.set(part.name, value);
    }
    if (name === undefined) return;
    const words = [...this.fields(name)];
    for (const part of suffix) {
      if (part.type === "Word") words.push(...this.fields(part));
      else if (part.type === "Assignment") words.push(...this.declared(words[0], part.name, part.value));
    }
    this.builtin(words);
    this.found.push({
      words,
      set: new Map([...this.exported, ...own]),
      variables: new Map([...this.variables, ...own]),
      ...this.files(redirects),
    });
  }

  /** `export A=b` sets; in the arguments of any other program it is a word like others. */
  private declared(
    program: string | undefined,
    name: string,
    value: Word | { readonly elements: readonly Word[] },
  ): string[] {
    const given = "elements" in value ? value.elements.flatMap((word) => this.fields(word)) : this.text(value);
    if (!/^(?:export|declare|local|readonly|typeset)$/.test(program ?? "")) return [`${name}=${String(given)}`];
    this.assign(name, given);
    if (program === "export" && typeof given === "string") this.exported.set(name, given);
    return [];
  }

  private assign(name: string, value: string | readonly string[]): void {
    this.variables.set(name, value);
    if (this.exported.has(name)) this.exported.set(name, typeof value === "string" ? value : HOLE);
  }

  private builtin([program, ...names]: readonly string[]): void {
    if (program === "export") {
      for (const name of names.filter((word) => /^\w+$/.test(word))) {
        const value = this.variables.get(name);
        this.exported.set(name, typeof value === "string" ? value : HOLE);
      }
    }
    // Empty says the same as unset to every program that is looked at here.
    if (program === "unset") {
      for (const name of names) {
        this.variables.set(name, "");
        this.exported.set(name, "");
      }
    }
    if (program === "read") for (const name of names) this.variables.set(name, HOLE);
  }

  private files(redirects: readonly Redirection[]): { input: string | undefined; output: string | undefined } {
    let input: string | undefined;
    let output: string | undefined;
    for (const redirect of redirects) {
      if (redirect.type === "HereDoc") input = redirect.body.text;
      else if (redirect.type === "HereString") input = redirect.target && this.text(redirect.target);
      else if (redirect.operator.startsWith(">") && redirect.target) output = this.text(redirect.target);
    }
    return { input, output };
  }

  private text(word: Word): string {
    return this.fields(word).join(" ");
  }

  /** The words that one word of the text becomes: an unquoted variable is split, and `"$@"` is as many as there are. */
  private fields(word: Word): readonly string[] {
    if (!word.parts) return [word.value];
    const fields: string[] = [];
    let current: string | undefined;
    const split = (pieces: readonly string[], keepEmpty: boolean): void => {
      pieces.forEach((piece, index) => {
        if (index > 0 && current !== undefined) {
          fields.push(current);
          current = undefined;
        }
        if (piece !== "" || keepEmpty) current = (current ?? "") + piece;
      });
    };
    for (const part of word.parts) {
      if (part.type === "DoubleQuoted" || part.type === "LocaleString") {
        const values = part.parts.map((inner) => this.part(inner));
        // `"$@"` without words is no word at all, `""` is an empty one.
        if (!(values.length === 1 && Array.isArray(values[0]))) current ??= "";
        for (const value of values) split(typeof value === "string" ? [value] : value, true);
      } else {
        const value = this.part(part);
        const literal = "value" in part;
        split(typeof value === "string" ? (literal ? [value] : value.split(/[ \t\n]+/)) : value, literal);
      }
    }
    if (current !== undefined) fields.push(current);
    return fields;
  }

  private part(part: WordPart): string | readonly string[] {
    if (part.type === "SimpleExpansion") return this.value(part.text.slice(1));
    if (part.type === "ParameterExpansion") {
      if (part.prefix) return HOLE;
      const value = this.value(part.parameter);
      if (part.index) return part.index.value === "@" || part.index.value === "*" ? value : HOLE;
      const kept = part.operation?.type === "Default" && /^:?[-=?]$/.test(part.operation.operator) && value !== "";
      return part.operation === undefined || kept ? value : HOLE;
    }
    if (part.type === "CommandExpansion") return part.script ? this.printed(part.script.commands) : HOLE;
    if (part.type === "ArithmeticExpansion" || part.type === "ProcessSubstitution") return HOLE;
    if (part.type === "DoubleQuoted" || part.type === "LocaleString")
      return part.parts.map((inner) => [this.part(inner)].flat().join(" ")).join("");
    return "value" in part ? part.value : part.text;
  }

  /** What a substitution prints: the program itself for `$(which vllm)` and `$(command -v vllm)`, else nobody knows. */
  private printed(commands: readonly SyntaxNode[]): string {
    const before = this.found.length;
    this.list(commands);
    const [first, ...more] = this.found.slice(before);
    const program = /^(?:which|command -v|type -p) (\S+)$/.exec(first?.words.join(" ") ?? "")?.[1];
    return more.length === 0 ? (program ?? HOLE) : HOLE;
  }

  private value(name: string): string | readonly string[] {
    if (name === "@" || name === "*") return this.positional.slice(1);
    if (/^\d+$/.test(name)) return this.positional[Number(name)] ?? HOLE;
    return this.variables.get(name) ?? HOLE;
  }
}
