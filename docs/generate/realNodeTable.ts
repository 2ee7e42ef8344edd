import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { table } from "./markdown";

/** Which tests/real/results.ts writes. */
export const realNodeFile = path.join(__dirname, "../data/real-node.json");

/** One file of tests in it. */
export interface FileResults {
  readonly at: string;
  readonly cores: number;
  readonly tests: readonly Result[];
}

export interface Result {
  readonly test: string;
  /** Undefined: it was not run. */
  readonly passed?: boolean;
  readonly seconds: number;
}

/** What `npm run test:real -- --record` wrote down of each test of the ring. */
export function realNodeTable(): string {
  if (!existsSync(realNodeFile)) return "Not recorded yet: `npm run test:real -- --record` does it.";
  const files = Object.entries(JSON.parse(readFileSync(realNodeFile, "utf8")) as Record<string, FileResults>);
  const rows = files.flatMap(([name, { at, tests }]) =>
    tests.map(({ test, ...result }) => [`\`${name.replace(/\.test\.ts$/, "")}\``, test, shown(result), at]),
  );
  return table(["File", "Test", "Result", "On"], rows);
}

function shown({ passed, seconds }: Omit<Result, "test">): string {
  return passed === undefined ? "**not run**" : passed ? `passed, ${seconds} s` : "**failed**";
}
