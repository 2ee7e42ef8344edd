import { stripVTControlCharacters } from "node:util";

/** Below this a terminal breaks lines better itself. */
const leastColumns = 40;

/** As much of a stream as its width needs. */
export interface Wide {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * A text as a stream shows it: on a terminal its lines break between words, and go on below the value of the line that they belong to.
 * Elsewhere they stay whole, for whoever searches them. A command stays whole, for whoever copies it.
 */
export function fitted(text: string, { isTTY, columns }: Wide): string {
  if (isTTY !== true || columns === undefined || columns < leastColumns) return text;
  return text
    .split("\n")
    .map((line) => broken(line, columns))
    .join("\n");
}

/** To standard output. */
export function print(text: string): void {
  process.stdout.write(`${fitted(text, process.stdout)}\n`);
}

/** To standard error. */
export function tell(text: string): void {
  process.stderr.write(`${fitted(text, process.stderr)}\n`);
}

function broken(line: string, columns: number): string {
  if (widthOf(line) <= columns || isCommand(line)) return line;
  const start = " ".repeat(startOfValue(line)) + (/^\s*\| /.test(line) ? "| " : "");
  const lines: string[] = [];
  let current = "";
  // The spaces before a word stay with it, so that a line that is not broken there keeps its columns.
  for (const [piece] of line.matchAll(/\s*(?:`[^`]*`|\S)+/g)) {
    if (current !== "" && current.trim() !== "" && widthOf(current + piece) > columns) {
      lines.push(current);
      current = start + piece.trimStart();
    } else {
      current += piece;
    }
  }
  return [...lines, current].join("\n");
}

const widthOf = (text: string): number => stripVTControlCharacters(text).length;

const isCommand = (line: string): boolean =>
  /^\s*(?:mend: +)?(?:settings=|eval |npm |pulumi |kubectl |oc |rm |export |unset )/.test(
    stripVTControlCharacters(line),
  );

/** Where the lines go on: below the value beside a label, else two columns in where the line is itself set in or begins with `error:`. */
function startOfValue(line: string): number {
  const plain = stripVTControlCharacters(line);
  const [label] = /^\s*\S(?:\S| (?! )){0,30} {2,}(?=\S)/.exec(plain) ?? [];
  if (label !== undefined) return label.length;
  const [indent = ""] = /^\s*(?:\| *)?/.exec(plain) ?? [];
  return indent.includes("|") ? indent.indexOf("|") : indent.length + (indent !== "" || /^\w+: /.test(plain) ? 2 : 0);
}
