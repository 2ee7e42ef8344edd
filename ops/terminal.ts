import { styleText } from "node:util";

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

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}
