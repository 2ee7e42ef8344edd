import { inspect } from "node:util";
import { redact } from "./redact";

/** One mistake of the user's: which argument, and the sentence that says what is wrong and how to mend it. */
export interface Problem {
  propertyPath: string;
  /** `'field' (value) must …; set ….` */
  reason: string;
}

/** A problem as style wants it: name, value, rule, remedy. An undefined value is missing, or a secret, and not shown. */
export function problem(propertyPath: string, value: unknown, rule: string, remedy: string): Problem {
  // A secret that was typed into the wrong key must not be printed with the mistake.
  const shown = value === undefined ? "" : ` (${redact(asText(value))})`;
  return { propertyPath, reason: `'${propertyPath}'${shown} must ${rule}; ${remedy}.` };
}

/** As JSON, but for what that cannot hold: what holds itself, a BigInt, a function. */
function asText(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    const text: unknown = JSON.stringify(value);
    return typeof text === "string" ? text : inspect(value);
  } catch {
    return inspect(value, { breakLength: Infinity });
  }
}

/** One message with every problem in it. */
export function problemsText(subject: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
  return `${count} in ${subject}:\n${problems.map(({ reason }) => `  - ${reason}`).join("\n")}`;
}
