/**
 * The downloader's tests, side by side for each version of huggingface_hub; those marked `once` for the newest alone. `run.ts --update` also writes
 * docs/data/downloader-faults.json, the table of faults in docs/faults.md; without it, the file must say what the tests said.
 * The last line is `N passed, N failed`.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { messageOf } from "../../shared/errors";
import { addCounts, addFailure, type Counts, noCounts } from "../counts";

const root = path.resolve(__dirname, "..", "..");
const faultsFile = path.join(root, "docs", "data", "downloader-faults.json");

/** A fault that was tried, how it must end, and whether it did, for each version of huggingface_hub. */
interface Fault {
  fault: string;
  end: string;
  results: Record<string, string>;
}

/** Part of the tests with one version of huggingface_hub. */
interface Job {
  version: string;
  python: string;
  /** Which tests, by pytest's marks. */
  marks: string;
  name: string;
}

/** A run of pytest that ends badly without a failed test counts as one failure. */
async function run({ name, python, marks }: Job, folder: string, args: readonly string[]): Promise<Counts> {
  const report = path.join(folder, `${name}.xml`);
  const started = performance.now();
  const result = await execa(
    python,
    [
      "-m",
      "pytest",
      __dirname,
      "-q",
      "-p",
      "no:cacheprovider",
      `--junitxml=${report}`,
      "--tb=short",
      "-m",
      marks,
      ...args,
    ],
    {
      cwd: root,
      reject: false,
      all: true,
      env: { FAULTS: path.join(folder, `${name}.json`), PYTHONDONTWRITEBYTECODE: "1" },
    },
  );
  const counts = existsSync(report) ? readReport(readFileSync(report, "utf8")) : noCounts();
  const told = result.all.split("\n").filter((line) => /^(FAILED|ERROR) /.test(line));
  counts.failures.push(...told.map((line) => `${name}: ${line}`));
  if (counts.failed === 0 && (result.exitCode !== 0 || counts.passed === 0))
    addFailure(counts, `${name}: pytest ended with ${result.exitCode}`);
  if (counts.failed > 0) console.log(result.all);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${name}: ${countsText(counts)} (${seconds} s)`);
  return counts;
}

/** What the client takes part in, with every version; the rest once. Side by side, since most of the time is waiting. */
function plan(interpreters: Record<string, string>): Job[] {
  const jobs = Object.entries(interpreters).map(([version, python]) => ({
    version,
    python,
    marks: "not once",
    name: `huggingface_hub ${version}`,
  }));
  const newest = jobs.at(-1);
  if (newest === undefined) throw new Error("versions.json names no version of huggingface_hub");
  return [...jobs, { ...newest, marks: "once", name: "the downloader alone" }];
}

function readReport(xml: string): Counts {
  const suite = /<testsuite [^>]*>/.exec(xml)?.[0] ?? "";
  const count = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = count("failures") + count("errors");
  return {
    passed: Math.max(0, count("tests") - failed - count("skipped")),
    failed,
    skipped: count("skipped"),
    failures: [],
  };
}

function countsText({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function readFaults(folder: string, jobs: readonly Job[]): Fault[] {
  const faults = new Map<string, Fault>();
  for (const { name, version } of jobs) {
    const file = path.join(folder, `${name}.json`);
    if (!existsSync(file)) continue;
    const results = JSON.parse(readFileSync(file, "utf8")) as Record<string, { end: string; result: string }>;
    for (const [fault, { end, result }] of Object.entries(results)) {
      const known = faults.get(fault) ?? { fault, end, results: {} };
      if (result !== "skipped") known.results[version] = result;
      faults.set(fault, known);
    }
  }
  return [...faults.values()].toSorted((a, b) => a.fault.localeCompare(b.fault, "en"));
}

/** What the committed table says otherwise than the tests. Faults that could not be tried on this machine are let pass. */
function differences(committed: readonly Fault[], measured: readonly Fault[]): string[] {
  const text = ({ end, results }: Fault): string => JSON.stringify([end, Object.entries(results).toSorted()]);
  const known = new Map(committed.map((each) => [each.fault, each]));
  const found = new Map(measured.map((each) => [each.fault, each]));
  return [
    ...committed.filter(({ fault }) => !found.has(fault)).map(({ fault }) => `no test tries: ${fault}`),
    ...measured
      .filter((each) => Object.keys(each.results).length > 0)
      .filter((each) => text(each) !== text(known.get(each.fault) ?? { fault: each.fault, end: "", results: {} }))
      .map(({ fault }) => `differs: ${fault}`),
  ];
}

/** What is wrong with the committed table, in a sentence. */
function checkFaults(folder: string, jobs: readonly Job[], update: boolean): string | undefined {
  const measured = readFaults(folder, jobs);
  if (update) writeFileSync(faultsFile, `${JSON.stringify(measured, null, 2)}\n`);
  const committed = existsSync(faultsFile) ? (JSON.parse(readFileSync(faultsFile, "utf8")) as Fault[]) : [];
  const wrong = differences(committed, measured);
  if (wrong.length === 0) return undefined;
  const said = `docs/data/downloader-faults.json is not what the tests say (${wrong.join("; ")}); run \`npm test -- downloader -- --update\`.`;
  console.error(said);
  return said;
}

async function main(args: readonly string[]): Promise<void> {
  const update = args.includes("--update");
  const pytestArgs = args.filter((each) => each !== "--update");
  const folder = mkdtempSync(path.join(tmpdir(), "downloader-tests-"));
  const total: Counts = noCounts();
  try {
    const setUp = await execa("python3", [path.join(__dirname, "environments.py")], { stderr: "inherit" });
    const jobs = plan(JSON.parse(setUp.stdout) as Record<string, string>);
    const all = await Promise.all(jobs.map((job) => run(job, folder, pytestArgs)));
    for (const counts of all) addCounts(total, counts);
    if (pytestArgs.length === 0) {
      const wrong = checkFaults(folder, jobs, update);
      if (wrong === undefined) total.passed += 1;
      else addFailure(total, wrong);
    }
  } catch (error) {
    const said = messageOf(error);
    console.error(said);
    addFailure(total, said);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (process.env["TEST_COUNTS"] !== undefined)
    appendFileSync(process.env["TEST_COUNTS"], `${JSON.stringify(total)}\n`);
  console.log(countsText(total));
  process.exitCode = total.failed > 0 ? 1 : 0;
}

void main(process.argv.slice(2));
