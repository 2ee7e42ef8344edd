import { styleText } from "node:util";

export { print } from "../../shared/terminal";

export type Style = "green" | "yellow" | "red" | "dim" | "bold" | "cyan";

/** Colour on a terminal, and nowhere else; NO_COLOR is heeded. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Rows of a label and a value whose values start in one column; a value may have several lines. */
export function rows(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([label]) => label.length));
  return pairs
    .map(([label, value]) => {
      const [first = "", ...more] = value.split("\n");
      const label1 = styled("dim", label.padEnd(width));
      return [`${label1}  ${first}`, ...more.map((line) => `${" ".repeat(width)}  ${line}`)].join("\n");
    })
    .join("\n");
}

/** `3 h 12 min`. */
export function ago(seconds: number | undefined): string {
  if (seconds === undefined) return "?";
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${Math.round(seconds)} s`;
}

/** `1 error`, `2 errors`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `once`, `3 times`. */
export function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** A list in lines of at most so many characters, broken after a comma. */
export function wrappedList(items: readonly string[], width: number): string {
  const lines: string[] = [];
  for (const item of items) {
    const longer = `${lines.at(-1)}, ${item}`;
    if (lines.length > 0 && longer.length < width) lines[lines.length - 1] = longer;
    else lines.push(item);
  }
  return lines.join(",\n");
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
