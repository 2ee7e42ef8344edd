/**
 * `npm test`: all rings but those that say `byNameOnly`. `npm test -- unit mocks` runs those alone; what follows `--` goes to mocha (`npm test -- cluster -- --grep taint`).
 * `npm run test:chain -- --all` takes every vLLM and writes the table of docs/claude-code.md, `npm run test:real -- --record` that of
 * docs/local-real.md. Those that mostly wait run side by side, each line with its ring's name before it. The last lines are what failed and
 * `N passed, N failed`.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { messageOf } from "../shared/errors";
import { addCounts, addFailure, type Counts, noCounts } from "./counts";
import { rings } from "./rings";
import type { Ring } from "./ring";

const root = path.resolve(__dirname, "..");
/** What the rings are told by a word of their own. */
const switches: Readonly<Record<string, string>> = {
  /** `chain`: every vLLM of the table, not the newest alone. */
  "--all": "CHAIN_ALL",
  /** `real`: its results are written down for docs/local-real.md. */
  "--record": "REAL_RECORD",
};

/** The first signal that asked for an end: what runs is ended, what was started is taken down, nothing more begins. */
let asked: NodeJS.Signals | undefined;
const ended = new AbortController();

function endOn(signal: NodeJS.Signals): void {
  process.on(signal, () => {
    asked ??= signal;
    // On a terminal Ctrl-C reaches the rings' processes by itself, and a second one would cut off their own clean-up.
    if (!(signal === "SIGINT" && process.stdin.isTTY)) ended.abort();
  });
}

/** A ring that ends badly without a failed test (a syntax error, a crash) counts as one failure: silence is no success. */
async function runRing(ring: Ring, mochaArgs: readonly string[], folder: string, prefix: string): Promise<Counts> {
  const countsFile = path.join(folder, ring.name);
  const started = performance.now();
  const say = (text: string): void => console.log(text.replaceAll(/^/gm, prefix));
  say(`${prefix === "" ? "\n" : ""}── ${ring.name}: ${ring.what}`);
  let exitCode: number | undefined;
  let broken = false;
  try {
    const { env, tearDown } = (await ring.setUp?.(say)) ?? {};
    try {
      if (asked === undefined) exitCode = await runCommand(ring.command(mochaArgs), countsFile, prefix, env);
    } finally {
      await tearDown?.();
    }
  } catch (error) {
    broken = true;
    say(messageOf(error));
  }
  const counts = readCounts(countsFile);
  const silent = counts.passed + counts.failed === 0;
  if (((broken || exitCode !== 0) && counts.failed === 0) || (silent && mochaArgs.length === 0)) {
    const ending = `ring '${ring.name}' ended with ${exitCode ?? "no"} exit code after ${counts.passed} passed tests`;
    say(ending);
    addFailure(counts, ending);
  }
  say(`── ${ring.name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return counts;
}

async function runCommand(
  [file, ...args]: readonly [string, ...string[]],
  countsFile: string,
  prefix: string,
  env?: Record<string, string>,
): Promise<number> {
  const prefixed = function* (line: unknown): Generator<string> {
    yield `${prefix}${String(line)}`;
  };
  const output = prefix === "" ? "inherit" : ([prefixed, "inherit"] as const);
  const result = await execa(file, args, {
    cwd: root,
    preferLocal: true,
    reject: false,
    stdio: ["ignore", output, output],
    cancelSignal: ended.signal,
    killSignal: "SIGINT",
    forceKillAfterDelay: 20_000,
    env: { TEST_COUNTS: countsFile, ...env },
  });
  return result.exitCode ?? 1;
}

function readCounts(file: string): Counts {
  const sum = noCounts();
  if (!existsSync(file)) return sum;
  for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
    addCounts(sum, JSON.parse(line) as Counts);
  }
  return sum;
}

async function main(): Promise<void> {
  const [words, mochaArgs] = splitAtDashes(process.argv.slice(2));
  const own = words.filter((word) => switches[word] === undefined);
  for (const word of words) if (switches[word]) process.env[switches[word]] = "1";
  const unknown = own.filter((name) => !rings.some((ring) => ring.name === name));
  if (unknown.length > 0) {
    console.error(`No ring is named ${unknown.join(", ")}; there are ${rings.map((ring) => ring.name).join(", ")}.`);
    process.exitCode = 2;
    return;
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) endOn(signal);
  const folder = mkdtempSync(path.join(tmpdir(), "vllm-tests-"));
  const total = noCounts();
  try {
    const chosen = rings.filter(({ name, byNameOnly }) => (own.length === 0 ? !byNameOnly : own.includes(name)));
    for (const ring of chosen.filter(({ waits }) => !waits))
      if (asked === undefined) addCounts(total, await runRing(ring, mochaArgs, folder, ""));
    const beside = asked === undefined ? chosen.filter(({ waits }) => waits) : [];
    const width = Math.max(...beside.map(({ name }) => name.length));
    const prefix = ({ name }: Ring): string => (beside.length > 1 ? `${name.padEnd(width)} | ` : "");
    for (const counts of await Promise.all(beside.map((ring) => runRing(ring, mochaArgs, folder, prefix(ring)))))
      addCounts(total, counts);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (asked !== undefined) console.log(`Ended by ${asked}: not all tests have run.`);
  if (total.skipped > 0) console.log(`\n${total.skipped} skipped, each with its reason above`);
  // A ring that ends early has scrolled away by now.
  if (total.failures.length > 0) console.log(`\nFailed:\n${total.failures.map((each) => `  ${each}`).join("\n")}`);
  console.log(`
${total.passed} passed, ${total.failed} failed`);
  process.exitCode = asked === undefined ? (total.failed > 0 ? 1 : 0) : 128 + constants.signals[asked];
}

function splitAtDashes(args: readonly string[]): [readonly string[], readonly string[]] {
  const at = args.indexOf("--");
  return at < 0 ? [args, []] : [args.slice(0, at), args.slice(at + 1)];
}

void main();
