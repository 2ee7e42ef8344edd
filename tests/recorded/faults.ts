import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

/** How a fault is brought about; faults.yaml says what each part does. */
export interface Fault {
  readonly what: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | null>>;
  readonly without?: readonly string[];
  readonly prepare?: string;
  readonly reason?: "OOMKilled";
  readonly versions?: readonly string[];
  readonly goesOnFor?: number;
}

export const faults = parse(readFileSync(path.join(__dirname, "faults.yaml"), "utf8")) as Record<string, Fault>;
