/**
 * What goes wrong, how it looks, and what to do about it: one table for the readiness gate, the policies, the operators' commands and
 * docs/faults.md. Rows of one area are tried from top to bottom, so the specific row stands above the general one.
 */
import { names } from "../args/names";
import { admissionSymptoms } from "./admission";
import { clientSymptoms } from "./client";
import { containerSymptoms } from "./container";
import { downloaderSymptoms } from "./downloader";
import { imageSymptoms } from "./image";
import { operationSymptoms } from "./operation";
import { rolloutSymptoms } from "./rollout";
import { routeSymptoms } from "./route";
import { schedulingSymptoms } from "./scheduling";
import { serverArgumentSymptoms } from "./server/arguments";
import { serverGpuSymptoms } from "./server/gpu";
import { serverMemorySymptoms } from "./server/memory";
import { serverModelSymptoms } from "./server/model";
import { serverStartSymptoms } from "./server/start";
import { serverSystemSymptoms } from "./server/system";
import { volumeSymptoms } from "./volume";
import type { Area, Evidence, Row } from "./symptom";

export type { Area, Evidence } from "./symptom";

const rows = [
  ...downloaderSymptoms,
  ...serverArgumentSymptoms,
  ...serverModelSymptoms,
  ...serverGpuSymptoms,
  ...serverMemorySymptoms,
  ...serverSystemSymptoms,
  ...serverStartSymptoms,
  ...imageSymptoms,
  ...containerSymptoms,
  ...schedulingSymptoms,
  ...admissionSymptoms,
  ...volumeSymptoms,
  ...routeSymptoms,
  ...rolloutSymptoms,
  ...clientSymptoms,
  ...operationSymptoms,
] as const;

/** The name of a row: one that the table lacks is a mistake that the compiler finds. */
export type SymptomId = (typeof rows)[number]["id"];

/** One row of the table. */
export type Symptom = Row & { id: SymptomId };

/** The table. */
export const symptoms: readonly Symptom[] = rows;

const byId: ReadonlyMap<SymptomId, Symptom> = new Map(symptoms.map((row) => [row.id, row]));

/** The row with this id. */
export function symptom(id: SymptomId): Symptom {
  const row = byId.get(id);
  if (!row) throw new Error(`no symptom '${id}'`);
  return row;
}

/** The row with the numbers and names that the text has. */
export function told(row: Symptom, text: string): Symptom {
  return { ...row, remedy: row.mend?.(text) ?? row.remedy };
}

/** The row with its remedy in the words of one component. */
export function named(row: Symptom, component: string, namespace: string): Symptom {
  const { serviceAccount } = names(component);
  return { ...row, remedy: row.remedy.replaceAll("{account}", serviceAccount).replaceAll("{namespace}", namespace) };
}

/** Whether this row fits what is known. */
export function matches(row: Symptom, evidence: Evidence): boolean {
  const { text, exitCode, reason } = evidence;
  return (
    (exitCode !== undefined && (row.exitCodes?.includes(exitCode) ?? false)) ||
    (reason !== undefined && (row.reasons?.includes(reason) ?? false)) ||
    (text !== undefined && row.patterns.some((pattern) => pattern.test(text)))
  );
}

/**
 * The first row of an area that fits: an exit code that a row names beats every text, a text beats a reason. A row that only says that
 * something failed comes after those that say what.
 */
export function findSymptom(area: Area, evidence: Evidence): Symptom | undefined {
  const inArea = symptoms.filter((row) => row.area === area);
  const by = (part: Evidence): Symptom | undefined =>
    inArea.find((row) => !row.vague && matches(row, part)) ?? inArea.find((row) => matches(row, part));
  const { text, exitCode, reason } = evidence;
  return (
    (exitCode === undefined ? undefined : by({ exitCode })) ??
    (text === undefined ? undefined : by({ text })) ??
    (reason === undefined ? undefined : by({ reason }))
  );
}
