/** What `up` says of each sequence that is played through the diagnosis, and how soon: tests/unit/readiness/corpus.test.ts writes the data. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { table } from "./markdown";

/** One entry of docs/data/diagnosis.json. */
interface Row {
  sequence: string;
  by: string;
  verdict: string;
  seconds: number | null;
}

export function diagnosisTable(): string {
  const rows = JSON.parse(readFileSync(path.join(__dirname, "../data/diagnosis.json"), "utf8")) as Row[];
  const dooms = rows.filter(({ seconds }) => seconds !== null);
  const others = rows.filter(({ seconds }) => seconds === null);
  const figures = dooms.map(({ seconds }) => seconds ?? 0);
  const soon = figures.filter((seconds) => seconds <= 4).length;
  return [
    `${dooms.length} sequences that are doomed: ${soon} are named within 4 s of the report, the others after the limit that the kubelet's own tries need. ` +
      `${others.length} that are not: none is called doomed.`,
    table(
      ["What happens", "In whose words", "What `up` says", "Seconds after the report"],
      merged(rows).map(({ sequence, by, verdict, seconds }) => [sequence, by, verdict, seconds?.toFixed(1) ?? ""]),
    ),
  ].join("\n\n");
}

/** Versions that say and take the same stand in one row, with the longest time. */
function merged(rows: readonly Row[]): Row[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = [row.sequence, row.by.split(" ")[0], row.verdict].join("|");
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group as [Row];
    const [program] = first.by.split(" ");
    const versions = group.map(({ by }) => by.slice((program ?? "").length + 1));
    const longest = Math.max(...group.map(({ seconds }) => seconds ?? -1));
    return {
      ...first,
      by: group.length === 1 ? first.by : `${program} ${versions.toSorted().join(", ")}`,
      seconds: longest < 0 ? null : longest,
    };
  });
}
