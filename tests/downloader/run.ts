/**
 * The downloader's tests, side by side for each version of huggingface_hub; those marked `once` for the newest alone. `run.ts --update` also writes
 * docs/data/downloader-faults.json, the README's table of faults; without it, the file must say what the tests said.
 * The last line is `N passed, N failed`.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";

const root = path.resolve(__dirname, "..", "..");
const faultsFile = path.join(root, "docs", "data", "downloader-faults.json");

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A fault that was tried, how it must end, and whether it did, for each version of huggingface_hub. */
interface Fault {
  fault: string;
  end: string;
  results: Record<string, string>;
}

/** What pytest says of one version. A run that ends badly without a failed test counts as one failure. */
async function runVersion(version: string, python: string, folder: string, args: readonly string[]): Promise<Counts> {
  const report = path.join(folder, `${version}.xml`);
  const started = performance.now();
  const result = await execa(
    python,
    ["-m", "pytest", __dirname, "-q", "-p", "no:cacheprovider", `--junitxml=${report}`, "--tb=short", ...args],
    {
      cwd: root,
      reject: false,
      all: true,
      env: { FAULTS: path.join(folder, `${version}.json`), PYTHONDONTWRITEBYTECODE: "1" },
    },
  );
  const counts = existsSync(report) ? readReport(readFileSync(report, "utf8")) : { passed: 0, failed: 0, skipped: 0 };
  if (counts.failed === 0 && (result.exitCode !== 0 || counts.passed === 0)) counts.failed = 1;
  if (counts.failed > 0) console.log(result.all);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`huggingface_hub ${version}: ${countsText(counts)} (${seconds} s)`);
  return counts;
}

function readReport(xml: string): Counts {
  const suite = /<testsuite [^>]*>/.exec(xml)?.[0] ?? "";
  const count = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = count("failures") + count("errors");
  return { passed: Math.max(0, count("tests") - failed - count("skipped")), failed, skipped: count("skipped") };
}

function countsText({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function readFaults(folder: string, versions: readonly string[]): Fault[] {
  const faults = new Map<string, Fault>();
  for (const version of versions) {
    const file = path.join(folder, `${version}.json`);
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

function checkFaults(folder: string, versions: readonly string[], update: boolean): boolean {
  const measured = readFaults(folder, versions);
  if (update) writeFileSync(faultsFile, `${JSON.stringify(measured, null, 2)}\n`);
  const committed = existsSync(faultsFile) ? (JSON.parse(readFileSync(faultsFile, "utf8")) as Fault[]) : [];
  const wrong = differences(committed, measured);
  if (wrong.length === 0) return true;
  console.error(
    `docs/data/downloader-faults.json is not what the tests say (${wrong.join("; ")}); run \`npm test -- downloader -- --update\`.`,
  );
  return false;
}

async function main(args: readonly string[]): Promise<void> {
  const update = args.includes("--update");
  const pytestArgs = args.filter((each) => each !== "--update");
  const folder = mkdtempSync(path.join(tmpdir(), "downloader-tests-"));
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const setUp = await execa("python3", [path.join(__dirname, "environments.py")], { stderr: "inherit" });
    const interpreters = Object.entries(JSON.parse(setUp.stdout) as Record<string, string>);
    const newest = interpreters.at(-1)?.[0];
    const all = await Promise.all(
      interpreters.map(([version, python]) => {
        const selection = version === newest ? [] : ["-m", "not once"];
        return runVersion(version, python, folder, [...selection, ...pytestArgs]);
      }),
    );
    for (const counts of all) {
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }
    const versions = interpreters.map(([version]) => version);
    if (pytestArgs.length === 0) total[checkFaults(folder, versions, update) ? "passed" : "failed"] += 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    total.failed += 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (process.env["TEST_COUNTS"] !== undefined)
    appendFileSync(process.env["TEST_COUNTS"], `${JSON.stringify(total)}\n`);
  console.log(countsText(total));
  process.exitCode = total.failed > 0 ? 1 : 0;
}

void main(process.argv.slice(2));
