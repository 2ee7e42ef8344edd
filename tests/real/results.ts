/**
 * Writes what became of each test into docs/data/real-node.json, for the table of docs/local-real.md: with `npm run test:real -- --record`. The
 * results of files that were not run stay as they are, each with its date.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { type FileResults, realNodeFile as file, type Result } from "../../docs/generate/realNodeTable";

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
  const all: Record<string, FileResults> = existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, FileResults>)
    : {};
  const at = new Date().toISOString().slice(0, 10);
  for (const suite of suites)
    all[path.basename(suite.file!)] = { at, cores: cpus().length, tests: suite.tests.map(resultOf) };
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
}

function resultOf({ title, state, duration = 0 }: Mocha.Test): Result {
  return {
    test: title,
    ...(state !== undefined && { passed: state === "passed" }),
    seconds: Math.round(duration / 1000),
  };
}
