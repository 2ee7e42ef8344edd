/**
 * Writes what became of each test into docs/data/real-node.json, for the table of docs/local-real.md: with `npm run test:real -- --record`. What
 * was not run keeps its last result, with its date: of other files, beside `--grep`, and after a run that was cut off.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { realNodeFile as file, type Result, type Results } from "../../docs/generate/realNodeTable";

/** What is looked at of a test of mocha's. */
type Ran = Pick<Mocha.Test, "title" | "state" | "duration">;

/** Read by mocha: after each test, so that a run that is cut off has said what it saw, and for files in which none was run. */
export const mochaHooks = {
  afterEach(this: Mocha.Context): void {
    let suite = this.currentTest!.parent!;
    while (suite.parent?.root === false) suite = suite.parent;
    record([suite]);
  },
  afterAll(this: Mocha.Context): void {
    record(this.test!.parent!.suites.filter(({ pending }) => !pending)); // pending: no node can run here
  },
};

function record(suites: readonly Mocha.Suite[]): void {
  if (process.env["REAL_RECORD"] === undefined) return;
  let all: Results = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : {};
  const at = new Date().toISOString().slice(0, 10);
  for (const suite of suites) {
    const name = path.basename(suite.file!);
    all = { ...all, [name]: merge(all[name] ?? [], suite.tests, at) };
  }
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
}

/** The results of a file's tests as they are now, with the earlier one of each that was not run. */
export function merge(earlier: readonly Result[], tests: readonly Ran[], at: string): Result[] {
  return tests.map(({ title: test, state, duration = 0 }) => {
    if (state !== "passed" && state !== "failed") return earlier.find((result) => result.test === test) ?? { test };
    return { test, last: { at, passed: state === "passed", seconds: Math.round(duration / 1000) } };
  });
}
