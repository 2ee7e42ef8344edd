/** What a ring's tests came to. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed, a line each. */
  failures: string[];
}

export function noCounts(): Counts {
  return { passed: 0, failed: 0, skipped: 0, failures: [] };
}

export function addCounts(sum: Counts, { passed, failed, skipped, failures }: Counts): void {
  sum.passed += passed;
  sum.failed += failed;
  sum.skipped += skipped;
  sum.failures.push(...failures);
}

/** Counts a failure that no test reported. */
export function addFailure(sum: Counts, line: string): void {
  sum.failed += 1;
  sum.failures.push(line);
}
