/** What a scanner of manifests prints, read as findings, and findings against the reasons in docs/data/scanners.yaml: no scanner runs here. */
import path from "node:path";
import { type Reason, reasonsFile } from "../../docs/generate/scannerReasons";

/** A check that failed. */
export interface Finding {
  readonly scanner: string;
  readonly check: string;
  /** The scanner's own words for the check. */
  readonly says: string;
  /** `<kind>/<name>`. */
  readonly object: string;
  /** The manifest: the name of a file in tests/golden without its end. */
  readonly file: string;
}

const stem = (file: string) => path.basename(file, ".yaml");

/** `checkov --output json`: one report for each of its frameworks, or that alone where there is one. */
export function checkovFindings(stdout: string): Finding[] {
  interface Failed {
    check_id: string;
    check_name: string;
    resource: string;
    file_path: string;
  }
  interface Report {
    summary: { passed: number; failed: number; parsing_errors: number };
    results: { failed_checks: Failed[] };
  }
  const { summary, results } = JSON.parse(stdout) as Report;
  if (summary.parsing_errors > 0) throw new Error(`checkov could not read ${summary.parsing_errors} of the manifests`);
  if (summary.passed === 0) throw new Error("checkov looked at nothing");
  const found = results.failed_checks.map(({ check_id, check_name, resource, file_path }) => {
    const [kind, , name] = resource.split(".");
    return { scanner: "checkov", check: check_id, says: check_name, object: `${kind}/${name}`, file: stem(file_path) };
  });
  return distinct(found);
}

/** `kube-score score --output-format json` of one manifest: every check that is not all right, warnings too. */
export function kubeScoreFindings(stdout: string, file: string): Finding[] {
  interface Check {
    check: { id: string; name: string };
    grade: number;
    skipped: boolean;
  }
  interface Scored {
    type_meta: { kind: string };
    object_meta: { name: string };
    checks: Check[];
  }
  const allRight = 10; // 1 is critical, 5 a warning, 7 almost right (scorecard/scorecard.go)
  const scored = (JSON.parse(stdout) as Scored[] | null) ?? []; // null: it knows none of the objects
  if (!scored.some(({ checks }) => checks.some(({ grade, skipped }) => !skipped && grade === allRight)))
    throw new Error(`kube-score looked at nothing in ${file}`);
  return scored.flatMap(({ type_meta, object_meta, checks }) =>
    checks
      .filter(({ grade, skipped }) => !skipped && grade < allRight)
      .map(({ check }) => ({
        scanner: "kube-score",
        check: check.id,
        says: check.name,
        object: `${type_meta.kind}/${object_meta.name}`,
        file: stem(file),
      })),
  );
}

/** What is wrong with findings and reasons together: a sentence for each finding without a reason, and for each reason without a finding. */
export function judge(findings: readonly Finding[], reasons: readonly Reason[]): string[] {
  const explained = reasons
    .flatMap(({ checks }) => checks)
    .flatMap(({ scanner, check, says, found }) =>
      Object.entries(found).flatMap(([object, files]) =>
        files.map((file): Finding => ({ scanner, check, says, object, file })),
      ),
    );
  const [actual, given] = [findings, explained].map((each) => new Set(each.map(sentence)));
  return [
    ...[...actual!]
      .filter((each) => !given!.has(each))
      .map((each) => `${each}: mend it, or say in ${reasonsFile} why it stays and what is done instead`),
    ...[...given!]
      .filter((each) => !actual!.has(each))
      .map((each) => `${reasonsFile} explains what is not found (any more): ${each}; take it out there`),
    ...reasons
      .filter(({ why, instead }) => !why?.trim() || !instead?.trim())
      .flatMap(({ checks }) => checks)
      .map(({ scanner, check }) => `${reasonsFile} gives no reason for ${scanner} ${check}: say 'why' and 'instead'`),
  ];
}

function sentence({ scanner, check, says, object, file }: Finding): string {
  return `${scanner} ${check} (${says}) fails for ${object} of ${file}.yaml`;
}

function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((each) => [sentence(each), each])).values()];
}
