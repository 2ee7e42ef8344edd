/** Something the user can mend: printed as it is, in one line, with no stack. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** A mistake in the command line, or in a file that its user writes. */
export class UsageError extends UserError {}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
