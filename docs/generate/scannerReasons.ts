/** The failures of the scanners that stay, with their reasons: the data that tests/scan compares with what the scanners find. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

interface Reason {
  readonly scanner: string;
  readonly check: string;
  readonly says: string;
  readonly found: Readonly<Record<string, readonly string[]>>;
  readonly why: string;
  readonly instead: string;
}

export function scannerReasons(): string {
  const file = path.join(__dirname, "../data/scanners.yaml");
  const reasons = parse(readFileSync(file, "utf8")) as readonly Reason[];
  const where = ({ found }: Reason): string =>
    Object.entries(found)
      .map(([object, files]) => `${object}: ${files.join(", ")}`)
      .join("; ");
  return reasons
    .map((reason) => {
      const { scanner, check, says, why, instead } = reason;
      return `- ${scanner} \`${check}\`, "${says}" (${where(reason)}). ${why} _Instead:_ ${instead}`;
    })
    .join("\n");
}
