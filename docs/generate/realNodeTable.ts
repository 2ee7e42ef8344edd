import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { table } from "./markdown";

/** Which tests/real/results.ts writes. */
export const realNodeFile = path.join(__dirname, "../data/real-node.json");

/** Results of each file of tests, in the file's order. */
export type Results = Readonly<Record<string, readonly Result[]>>;

export interface Result {
  readonly test: string;
  /** The last run of it; undefined where there was none. */
  readonly last?: Run;
}

interface Run {
  readonly at: string;
  readonly passed: boolean;
  readonly seconds: number;
}

/** What `npm run test:real -- --record` wrote down of each test of the ring. */
export function realNodeTable(): string {
  if (!existsSync(realNodeFile)) return "Not recorded yet: `npm run test:real -- --record` does it.";
  const files = Object.entries(JSON.parse(readFileSync(realNodeFile, "utf8")) as Results);
  const rows = files.flatMap(([name, results]) =>
    results.map(({ test, last }) => [`\`${name.replace(/\.test\.ts$/, "")}\``, test, shown(last), last?.at ?? ""]),
  );
  return table(["File", "Test", "Result", "On"], rows);
}

function shown(last: Run | undefined): string {
  if (last === undefined) return "**not run**";
  return last.passed ? `passed, ${last.seconds} s` : "**failed**";
}
