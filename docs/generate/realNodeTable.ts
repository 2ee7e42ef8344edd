import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { table } from "./markdown";

/** One file of docs/data/real-node.json, which tests/real/results.ts writes. */
interface FileResults {
  at: string;
  tests: readonly Result[];
}

interface Result {
  test: string;
  /** Undefined: it was not run. */
  passed?: boolean;
  seconds: number;
}

/** What `npm run test:real -- --record` wrote down of each test of the ring. */
export function realNodeTable(): string {
  const file = path.join(__dirname, "../data/real-node.json");
  if (!existsSync(file)) return "Not recorded yet: `npm run test:real -- --record` does it.";
  const files = Object.entries(JSON.parse(readFileSync(file, "utf8")) as Record<string, FileResults>);
  const rows = files.flatMap(([name, { at, tests }]) =>
    tests.map(({ test, ...result }) => [`\`${name.replace(/\.test\.ts$/, "")}\``, test, shown(result), at]),
  );
  return table(["File", "Test", "Result", "On"], rows);
}

function shown({ passed, seconds }: Omit<Result, "test">): string {
  return passed === undefined ? "**not run**" : passed ? `passed, ${seconds} s` : "**failed**";
}
