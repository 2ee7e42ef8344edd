/** Markdown as it is read raw, in `less` and on a forge: tables without padding, whose cells hold one sentence at most. */

/** A Markdown table; what would end a cell is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The first sentence of a text, and what follows it. */
export function firstSentence(text: string): readonly [first: string, rest: string] {
  const [first = "", ...rest] = text.split(/(?<=\.) (?=[A-Z`])/);
  return [first, rest.join(" ")];
}

export interface Setting {
  readonly name: string;
  /** An empty text means unset. */
  readonly default: unknown;
  readonly description: string;
  /** What a change of it does; nothing where the table has no such column. */
  readonly change?: string;
}

/** Longer defaults stand below the table. */
const cellLimit = 40;

/** Settings as a table; what is longer than a sentence, or a cell, follows in a list. */
export function settingTable(settings: readonly Setting[]): string {
  const changes = settings.some(({ change }) => change !== undefined);
  const parts = settings.map(({ name, default: value, description, change }) => {
    const [first, rest] = firstSentence(description);
    const shown = value === "" || value === undefined ? "" : `\`${JSON.stringify(value)}\``;
    const short = shown.length <= cellLimit;
    const more = [...(rest === "" ? [] : [rest]), ...(short ? [] : [`Default: ${shown}.`])];
    return {
      row: [`\`${name}\``, short ? shown : "below", first, ...(changes ? [change ?? ""] : [])],
      more: more.length === 0 ? [] : [`- \`${name}\`: ${more.join(" ")}`],
    };
  });
  const head = ["Key", "Default", "What it is", ...(changes ? ["A change of it"] : [])];
  const notes = parts.flatMap(({ more }) => more);
  const rows = parts.map(({ row }) => row);
  return [table(head, rows), ...(notes.length === 0 ? [] : [notes.join("\n")])].join("\n\n");
}

/** Prettier pads every table; this takes the padding from those of the page that are wider than 100 columns with it. */
export function withoutPadding(page: string): string {
  return page.replaceAll(/^(?:\|.*\|\n)+/gm, (block) =>
    block.split("\n").every((line) => line.length <= 100) ? block : withoutAnyPadding(block),
  );
}

/** The same for every table of the text, whatever its width. */
export function withoutAnyPadding(text: string): string {
  return text.replaceAll(/^\|.*\|$/gm, (line) =>
    line
      .replaceAll(/ {2,}\|/g, " |")
      .replaceAll(/\| {2,}/g, "| ")
      .replaceAll(/-{4,}/g, "---"),
  );
}
