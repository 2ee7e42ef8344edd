import { findSymptom } from "../../components/symptoms";
import type { Check, Target } from "./check";
import { checks as allChecks } from "./checks";
import { CheckFailed, type Exchange, Http } from "./http";

export interface CheckResult {
  readonly name: string;
  readonly what: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly seconds: number;
  /** What was found, why it failed or why it was skipped. */
  readonly note: string;
  readonly advice?: string;
  readonly exchange?: Exchange;
  readonly symptom?: { readonly id: string; readonly title: string; readonly remedy: string };
}

export interface RunOptions {
  readonly checks?: readonly Check[];
  /** Names of the checks to try, and no other. */
  readonly only?: readonly string[];
  readonly timeoutSeconds: number;
  /** Before a check asks for something; one that is skipped asks for nothing. */
  readonly onStart?: (check: Check) => void;
  readonly onResult?: (result: CheckResult) => void;
}

/** Tries the checks one after the other. */
export async function runChecks(target: Target, options: RunOptions): Promise<CheckResult[]> {
  const http = new Http({ url: target.url, key: target.key, timeoutSeconds: options.timeoutSeconds });
  const { only, checks = allChecks } = options;
  const results: CheckResult[] = [];
  for (const check of checks.filter(({ name }) => only === undefined || only.includes(name))) {
    const failed = results.filter(({ outcome }) => outcome !== "passed");
    const missing = failed.find((earlier) => check.needs.includes(earlier.name) || isShut(earlier));
    const reason = missing === undefined ? check.skip?.(target) : `${missing.name} did not pass`;
    if (reason === undefined) options.onStart?.(check);
    const result = reason === undefined ? await attempt(check, { target, http }) : skipped(check, reason);
    results.push(result);
    options.onResult?.(result);
  }
  return results;
}

/** No answer, or one of the router or the gateway's door: every other request would meet the same. */
function isShut({ name, outcome, exchange }: CheckResult): boolean {
  if (name !== "models" || outcome !== "failed" || !exchange) return false;
  return exchange.status === undefined || [401, 403, 502, 503, 504].includes(exchange.status);
}

function skipped({ name, what }: Check, note: string): CheckResult {
  return { name, what, outcome: "skipped", seconds: 0, note };
}

async function attempt(check: Check, context: Parameters<Check["run"]>[0]): Promise<CheckResult> {
  const { name, what } = check;
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  try {
    return { name, what, outcome: "passed", ...(await check.run(context)), seconds: seconds() };
  } catch (error) {
    if (!(error instanceof CheckFailed)) throw error; // a mistake in the check itself
    const { message: note, exchange, evidence } = error;
    const row = findSymptom("client", { text: evidence ?? evidenceOf(note, exchange) });
    return {
      name,
      what,
      outcome: "failed",
      seconds: seconds(),
      note,
      ...(exchange && { exchange }),
      ...(row && { symptom: { id: row.id, title: row.title, remedy: row.remedy } }),
    };
  }
}

/** The text by which a failure is looked up. */
function evidenceOf(note: string, exchange: Exchange | undefined): string {
  return exchange?.status === undefined ? note : `HTTP ${exchange.status} ${exchange.received}`;
}
