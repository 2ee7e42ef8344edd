/** The failures of the scanners that stay, with their reasons: the data that tests/scan compares with what the scanners find. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

/** Why a check may fail: one entry of the data file. */
export interface Reason {
  readonly scanner: string;
  readonly check: string;
  readonly says: string;
  /** Where it fails: the manifests of each object. */
  readonly found: Readonly<Record<string, readonly string[]>>;
  readonly why: string;
  /** What the program does instead. */
  readonly instead: string;
}

export const reasonsFile = "docs/data/scanners.yaml";

export function readReasons(): readonly Reason[] {
  return parse(readFileSync(path.join(__dirname, "../..", reasonsFile), "utf8")) as Reason[];
}

export function scannerReasons(): string {
  const where = ({ found }: Reason): string =>
    Object.entries(found)
      .map(([object, files]) => `${object}: ${files.join(", ")}`)
      .join("; ");
  return readReasons()
    .map((reason) => {
      const { scanner, check, says, why, instead } = reason;
      return `- ${scanner} \`${check}\`, "${says}" (${where(reason)}). ${why} _Instead:_ ${instead}`;
    })
    .join("\n");
}
