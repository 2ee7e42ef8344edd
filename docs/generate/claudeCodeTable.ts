import { readFileSync } from "node:fs";
import path from "node:path";
import { findSymptom } from "../../components/symptoms";
import { table } from "./markdown";

interface Cell {
  green: boolean;
  status: number;
  answer: string;
}

interface Row {
  version: string;
  line?: string;
  way: string;
  cells: Readonly<Record<string, Cell>>;
}

/** What the ring `chain` wrote down of Claude Code in front of each vLLM, each refusal with its remedy. */
export function claudeCodeTable(): string {
  const file = path.join(__dirname, "../data/claude-code.json");
  const { rows } = JSON.parse(readFileSync(file, "utf8")) as { rows: Row[] };
  const columns = Object.keys(rows[0]?.cells ?? {});
  const remedies: string[] = [];
  const shown = ({ green, status, answer }: Cell): string => {
    if (green) return "yes";
    if (status === 0) return "not asked";
    const row = findSymptom("client", { text: `HTTP ${status} ${answer}` });
    const remedy = row ? `${row.title}: ${row.remedy}` : `\`${answer}\``;
    if (!remedies.includes(remedy)) remedies.push(remedy);
    return `${status} (${remedies.indexOf(remedy) + 1})`;
  };
  const body = rows.map(({ version, line, way, cells }) => [
    version,
    line ?? "–",
    way,
    ...columns.map((column) => shown(cells[column]!)),
  ]);
  const list = remedies.map((remedy, index) => `${index + 1}. ${remedy}.`).join("\n");
  return [table(["vLLM", "Line", "Way", ...columns], body), list].join("\n\n");
}
