import type { ClusterConnection } from "./connection";

/** An error that says which cluster did not answer, and why: fetch hides the cause one level deeper. */
export function connectionTrouble(error: unknown, connection: ClusterConnection): Error {
  const cluster = `the cluster of context '${connection.context}'`;
  return new Error(`Cannot read ${cluster}: ${causeText(error)}`, { cause: error });
}

/** The innermost message of an error. */
export function causeText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return causeText(error.errors[0]);
  return error.cause === undefined ? error.message : causeText(error.cause);
}
