import type { Command } from "commander";
import type { CheckFinding, Severity } from "../checks/check";
import { type Examination, examine, type Result, worst } from "../checks/examine";
import { messageOf } from "../../shared/errors";
import { type ExitCode, exitCodes } from "../terminal/exitCodes";
import { Stopped } from "../terminal/interrupt";
import { counted, print, printJson, type Style, styled } from "../terminal/print";
import { stackToLookAt } from "./options";

interface Options {
  json?: boolean;
  fix?: boolean;
  probe?: boolean;
}

export function addDoctor(command: Command): void {
  command
    .option("--json", "the same as JSON")
    .option(
      "--probe",
      "also run a pod, without a GPU, that asks the Hub from inside the cluster, and is always removed; and ask a backend that is a bucket for its locks",
    )
    .option(
      "--fix",
      "mend what can be mended without harm: locks of dead processes, unfinished operations, leftover pods",
    )
    .action(async (options: Options, command: Command) => {
      const stack = await stackToLookAt(command, true);
      const found = await examine(stack, (result) => options.json || show(result), options.probe);
      const tried = options.fix ? await fix(found.results) : nothingTried;
      const { fixed, failed } = tried;
      if (options.json) printJson({ stack: stack.name, results: found.results, fixed, failed });
      else print(summary(found, tried, stack.name));
      process.exitCode = exitCodeOf(found, tried);
    });
}

function exitCodeOf({ results, unseen }: Examination, { mended }: Tried): ExitCode {
  if (unseen !== undefined) return unseen;
  const left = results.map((result) => ({
    ...result,
    findings: result.findings.filter((finding) => !mended.has(finding)),
  }));
  return worst(left) === "error" ? exitCodes.trouble : exitCodes.fine;
}

/** What `--fix` has done, and what it could not do. */
interface Tried {
  mended: ReadonlySet<CheckFinding>;
  fixed: readonly string[];
  failed: readonly string[];
}

const nothingTried: Tried = { mended: new Set(), fixed: [], failed: [] };

/** One mend that fails is no reason to leave the others. */
export async function fix(results: readonly Pick<Result, "title" | "findings">[]): Promise<Tried> {
  const mended = new Set<CheckFinding>();
  const fixed: string[] = [];
  const failed: string[] = [];
  for (const { title, findings } of results) {
    for (const finding of findings) {
      if (!finding.fix) continue;
      try {
        fixed.push(await finding.fix());
        mended.add(finding);
      } catch (error) {
        if (error instanceof Stopped) throw error;
        failed.push(`${title}: could not be mended: ${messageOf(error)}`);
      }
    }
  }
  return { mended, fixed, failed };
}

const signs: Record<Severity, [string, Style]> = {
  ok: ["ok", "green"],
  note: ["note", "cyan"],
  warning: ["warning", "yellow"],
  error: ["ERROR", "red"],
};

function show({ title: name, findings, skipped, simulated }: Result): void {
  const title = simulated ? `${name} (simulated)` : name;
  if (skipped !== undefined) return print(line(styled("dim", "skipped".padEnd(8)), title, skipped));
  for (const finding of findings) {
    const [sign, style] = signs[finding.severity];
    print(line(styled(style, sign.padEnd(8)), title, finding.evidence, finding));
  }
}

function line(sign: string, title: string, evidence: string, finding?: CheckFinding): string {
  const [first = "", ...more] = evidence.split("\n");
  const { mend, remedy, severity } = finding ?? {};
  const todo =
    severity === "ok"
      ? []
      : [mend === undefined ? [] : `mend: ${mend}`, remedy === undefined ? [] : `      ${remedy}`].flat();
  return [`${sign} ${title}: ${first}`, ...[...more, ...todo].map((text) => `         ${text}`)].join("\n");
}

/** What is left, and what to type about it. */
export function summary(
  { results }: Pick<Examination, "results">,
  { fixed, failed, mended }: Tried,
  stack: string,
): string {
  const all = results.flatMap(({ findings }) => findings).filter((finding) => !mended.has(finding));
  const count = (severity: Severity): number => all.filter((finding) => finding.severity === severity).length;
  const skipped = results.filter((result) => result.skipped !== undefined).length;
  const fixable = all.filter((finding) => finding.fix).length;
  const verdict = [
    counted(count("error"), "error"),
    counted(count("warning"), "warning"),
    counted(count("note"), "note"),
    `${count("ok")} ok`,
    `${skipped} skipped`,
    ...(mended.size > 0 ? [`${mended.size} fixed`] : []),
  ].join(", ");
  const more =
    fixed.length + failed.length === 0 && fixable > 0
      ? [`npm run ops -- doctor --fix --stack ${stack}   # mends ${fixable} of them`]
      : [];
  return [
    "",
    ...fixed.map((text) => `${styled("green", "fixed")}    ${text}`),
    ...failed.map((text) => `${styled("red", "not fixed")} ${text}`),
    verdict,
    ...more,
  ].join("\n");
}
