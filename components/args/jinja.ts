/**
 * What of Jinja is looked at before a template is mounted: its marks and its blocks. Not the expressions in them: @huggingface/jinja 0.5.11, a
 * parser in JavaScript, refuses some that jinja2 takes (`(1,)`, `a is divisibleby 3`, `{% with %}`), and names no line.
 */

/** What jinja2 would refuse, and where. */
export interface Fault {
  /** What is wrong, in which line. */
  readonly said: string;
  readonly remedy: string;
}

interface Part {
  readonly mark: string;
  readonly start: number;
  /** Behind its closing mark; undefined where nothing closes it. */
  readonly end: number | undefined;
}

const closers: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const raw = /\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})/y;
const endOfRaw = /\{%[-+]?\s*endraw\s*[-+]?%\}/g;
const text = /'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"/y;

/** What jinja2 refuses of a template, as far as it is looked at: the first mark or block that is wrong. */
export function templateFault(given: string): Fault | undefined {
  const template = given.replace(/\r?\n$/, "");
  const lineOf = ({ start }: { start: number }): string => `of line ${template.slice(0, start).split("\n").length}`;
  const open: Open[] = [];
  for (const part of partsOf(template)) {
    const { mark, start, end } = part;
    if (end === undefined) {
      return { said: `${mark} ${lineOf(part)} is not closed`, remedy: "close it, and what stands in it" };
    }
    const fault = faultOf(template.slice(start, end), part, open, lineOf);
    if (fault) return fault;
  }
  const last = open.at(-1);
  if (!last) return undefined;
  const [end] = last.ends;
  return { said: `{% ${last.tag} %} ${lineOf(last)} has no ${end}`, remedy: `end it with {% ${end} %}` };
}

/**
 * Jinja's marks in order. It goes through a template as jinja2's own lexer does: texts in quotes hold no mark, and an end counts only where all
 * brackets are closed (https://github.com/pallets/jinja/blob/3.1.6/src/jinja2/lexer.py).
 */
function* partsOf(template: string): Generator<Part> {
  const marks = /\{[{%#]/g;
  for (let found = marks.exec(template); found; found = marks.exec(template)) {
    const [mark] = found;
    const end = endOf(template, found.index, mark);
    yield { mark, start: found.index, end };
    if (end === undefined) return;
    marks.lastIndex = end;
  }
}

function endOf(template: string, start: number, mark: string): number | undefined {
  // Where nothing follows them, jinja2 takes a comment and a raw part without an end.
  if (mark === "{#")
    return /^[-+]?$/.test(template.slice(start + 2)) ? template.length : after(template.indexOf("#}", start + 2));
  raw.lastIndex = start;
  if (raw.test(template)) {
    endOfRaw.lastIndex = raw.lastIndex;
    if (raw.lastIndex === template.length) return raw.lastIndex;
    return endOfRaw.test(template) ? endOfRaw.lastIndex : undefined;
  }
  const end = mark === "{%" ? "%}" : "}}";
  const open: string[] = [];
  for (let at = start + 2; at < template.length; at++) {
    const sign = template[at]!;
    if (open.length === 0 && template.startsWith(end, at)) return at + 2;
    if (sign === "'" || sign === '"') {
      text.lastIndex = at;
      if (!text.test(template)) return undefined;
      at = text.lastIndex - 1;
    } else if (closers[sign] !== undefined) open.push(closers[sign]);
    else if (/[)\]}]/.test(sign) && open.pop() !== sign) return undefined;
  }
  return undefined;
}

function after(index: number): number | undefined {
  return index < 0 ? undefined : index + 2;
}

/** A block that is begun, and the tags that may go on with it or end it, its end first. */
interface Open {
  readonly tag: string;
  readonly start: number;
  ends: readonly string[];
}

// As jinja2 3.1.6 has them, with the two extensions of vLLM's environment: loop controls and `generation`.
// https://github.com/pallets/jinja/blob/3.1.6/src/jinja2/parser.py
const begins: Readonly<Record<string, readonly string[]>> = {
  if: ["endif", "elif", "else"],
  for: ["endfor", "else"],
  ...Object.fromEntries(
    ["block", "macro", "call", "filter", "with", "autoescape", "set", "generation"].map((tag) => [tag, [`end${tag}`]]),
  ),
};
const alone = ["extends", "print", "include", "from", "import", "break", "continue"];

/** What is wrong with one mark and what stands in it; what it begins, goes on with or ends is noted in `open`. */
function faultOf(
  whole: string,
  { mark, start }: Part,
  open: Open[],
  lineOf: (part: { start: number }) => string,
): Fault | undefined {
  const inner = whole.slice(2, -2).replace(/^[-+]/, "").replace(/[-+]$/, "").trim();
  if (mark === "{{") {
    if (inner !== "") return undefined;
    return { said: `{{ }} ${lineOf({ start })} is empty`, remedy: "say what is to be printed, or take it out" };
  }
  raw.lastIndex = 0;
  if (mark === "{#" || raw.test(whole)) return undefined;
  const [tag = ""] = /^\w*/.exec(inner) ?? [];
  const rest = inner.slice(tag.length).trim();
  const at = (): string => `{% ${tag === "" ? "" : `${tag} `}%} ${lineOf({ start })}`;
  const current = open.at(-1);
  if (current?.ends.includes(tag)) {
    if (tag.startsWith("end")) open.pop();
    else if (tag === "else") current.ends = current.ends.slice(0, 1);
    if (tag === "elif" || tag === "endblock" || rest === "" || (tag === "else" && rest === ":")) return undefined;
    return { said: `${at()} is followed by more than its end`, remedy: "take that out" };
  }
  if (Object.hasOwn(begins, tag)) {
    if (tag !== "set" || !assigns(rest)) open.push({ tag, start, ends: begins[tag]! });
    return undefined;
  }
  if (alone.includes(tag)) return undefined;
  if (!Object.values(begins).flat().includes(tag))
    return { said: `${at()} is no statement of vLLM's Jinja`, remedy: "correct it" };
  const due = current ? `{% ${current.tag} %} ${lineOf(current)} is to be ended first` : "nothing is open there";
  return { said: `${at()} belongs to nothing: ${due}`, remedy: "end each block before what it stands in" };
}

/** Whether `set` has an `=` behind its target: else it is a block. */
function assigns(rest: string): boolean {
  return /^[^'"|=]*=(?!=)/.test(rest);
}
