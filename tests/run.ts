/**
 * `npm test`: all rings. `npm test -- unit mocks` runs those alone; what follows `--` goes to mocha
 * (`npm test -- cluster -- --grep taint`). The last line is `N passed, N failed`.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { rings, type Ring } from "./rings";

const root = path.resolve(__dirname, "..");

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A ring that ends badly without a failed test (a syntax error, a crash) counts as one failure: silence is no success. */
async function runRing(ring: Ring, mochaArgs: readonly string[], countsFile: string): Promise<Counts> {
  const before = readCounts(countsFile);
  const started = performance.now();
  console.log(`\n── ${ring.name}: ${ring.what}`);
  const teardown = await ring.setUp?.();
  let exitCode: number;
  try {
    const [file, ...args] = ring.command(mochaArgs);
    const result = await execa(file, args, {
      cwd: root,
      preferLocal: true,
      reject: false,
      stdio: ["ignore", "inherit", "inherit"],
      env: { TEST_COUNTS: countsFile, ...teardown?.env },
    });
    exitCode = result.exitCode ?? 1;
  } finally {
    await teardown?.tearDown();
  }
  const after = readCounts(countsFile);
  const counts = {
    passed: after.passed - before.passed,
    failed: after.failed - before.failed,
    skipped: after.skipped - before.skipped,
  };
  const silent = counts.passed + counts.failed === 0;
  if ((exitCode !== 0 && counts.failed === 0) || (silent && mochaArgs.length === 0)) {
    console.error(`ring '${ring.name}' ended with exit code ${exitCode} after ${counts.passed} passed tests`);
    counts.failed += 1;
  }
  console.log(`── ${ring.name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return counts;
}

function readCounts(file: string): Counts {
  const sum: Counts = { passed: 0, failed: 0, skipped: 0 };
  if (!existsSync(file)) return sum;
  for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
    const counts = JSON.parse(line) as Counts;
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
  }
  return sum;
}

async function main(): Promise<void> {
  const [own, mochaArgs] = splitAtDashes(process.argv.slice(2));
  const unknown = own.filter((name) => !rings.some((ring) => ring.name === name));
  if (unknown.length > 0) {
    console.error(`No ring is named ${unknown.join(", ")}; there are ${rings.map((ring) => ring.name).join(", ")}.`);
    process.exitCode = 2;
    return;
  }
  const directory = mkdtempSync(path.join(tmpdir(), "vllm-tests-"));
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    for (const ring of rings.filter(({ name }) => own.length === 0 || own.includes(name))) {
      const counts = await runRing(ring, mochaArgs, path.join(directory, "counts"));
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    total.failed += 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  if (total.skipped > 0)
    console.log(`
${total.skipped} skipped, each with its reason above`);
  console.log(`
${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

function splitAtDashes(args: readonly string[]): [readonly string[], readonly string[]] {
  const at = args.indexOf("--");
  return at < 0 ? [args, []] : [args.slice(0, at), args.slice(at + 1)];
}

void main();
