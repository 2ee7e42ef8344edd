/** The failures of the scanners that stay, with their reasons: the data that tests/scan compares with what the scanners find. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

/** A check of a scanner, and where it fails. */
export interface FailedCheck {
  readonly scanner: string;
  readonly check: string;
  /** The scanner's own words for the check. */
  readonly says: string;
  /** The manifests of each object. */
  readonly found: Readonly<Record<string, readonly string[]>>;
}

/** Why checks may fail that look at the same thing: one entry of the data file. */
export interface Reason {
  readonly checks: readonly FailedCheck[];
  readonly why: string;
  /** What the program does instead. */
  readonly instead: string;
}

export const reasonsFile = "docs/data/scanners.yaml";

export function readReasons(): readonly Reason[] {
  return parse(readFileSync(path.join(__dirname, "../..", reasonsFile), "utf8")) as Reason[];
}

export function scannerReasons(): string {
  const where = ({ found }: FailedCheck): string =>
    Object.entries(found)
      .map(([object, files]) => `${object}: ${files.join(", ")}`)
      .join("; ");
  const check = (each: FailedCheck): string => `  - ${each.scanner} \`${each.check}\`, "${each.says}": ${where(each)}`;
  return readReasons()
    .flatMap(({ checks, why, instead }) => [`- ${why} _Instead:_ ${instead}`, ...checks.map(check)])
    .join("\n");
}
