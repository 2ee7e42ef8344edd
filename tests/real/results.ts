/**
 * Writes what became of each test into docs/data/real-node.json, for the table of docs/local-real.md: with `npm run test:real -- --record`. The
 * results of files that were not run stay as they are, each with its date.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";

interface Result {
  readonly test: string;
  /** Undefined: it was not run. */
  readonly passed?: boolean;
  readonly seconds: number;
}

interface FileResults {
  readonly at: string;
  readonly cores: number;
  readonly tests: readonly Result[];
}

const file = path.join(__dirname, "../../docs/data/real-node.json");

/** Read by mocha, which runs it once all files are through. */
export const mochaHooks = {
  afterAll(this: Mocha.Context): void {
    if (process.env["REAL_RECORD"] === undefined) return;
    const all: Record<string, FileResults> = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, FileResults>)
      : {};
    const at = new Date().toISOString().slice(0, 10);
    for (const suite of this.test!.parent!.suites) {
      if (suite.pending) continue; // no node can run here
      all[path.basename(suite.file!)] = { at, cores: cpus().length, tests: suite.tests.map(resultOf) };
    }
    writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
  },
};

function resultOf({ title, state, duration = 0 }: Mocha.Test): Result {
  return {
    test: title,
    ...(state !== undefined && { passed: state === "passed" }),
    seconds: Math.round(duration / 1000),
  };
}
