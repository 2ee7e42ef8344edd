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
import { serverSymptoms } from "./server";
import { volumeSymptoms } from "./volume";
import type { Area, Evidence, Symptom } from "./symptom";

export type { Area, Evidence, Symptom } from "./symptom";

/** The table. */
export const symptoms: readonly Symptom[] = [
  ...downloaderSymptoms,
  ...serverSymptoms,
  ...imageSymptoms,
  ...containerSymptoms,
  ...schedulingSymptoms,
  ...admissionSymptoms,
  ...volumeSymptoms,
  ...routeSymptoms,
  ...rolloutSymptoms,
  ...clientSymptoms,
  ...operationSymptoms,
];

/** The row with this id; an unknown id is a mistake in the program. */
export function symptom(id: string): Symptom {
  const row = symptoms.find((candidate) => candidate.id === id);
  if (!row) throw new Error(`no symptom '${id}'`);
  return row;
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

/** The first row of an area that fits: an exit code that a row names beats every text, a text beats a reason. */
export function findSymptom(area: Area, evidence: Evidence): Symptom | undefined {
  const rows = symptoms.filter((row) => row.area === area);
  const by = (part: Evidence): Symptom | undefined => rows.find((row) => matches(row, part));
  const { text, exitCode, reason } = evidence;
  return (
    (exitCode === undefined ? undefined : by({ exitCode })) ??
    (text === undefined ? undefined : by({ text })) ??
    (reason === undefined ? undefined : by({ reason }))
  );
}
