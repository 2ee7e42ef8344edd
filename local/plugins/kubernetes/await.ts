import { ApiError } from "../../../components/cluster/apiError";
import type { Failure } from "../shared/provider";
import type { Session } from "./session";
import type { JsonMap, ValueMap } from "../shared/wire";
import type { Client } from "./client";
import { annotation, at, isTrue, kindOf, nameOf, text } from "./object";
import { foundText, meets, parseExpectation } from "./jsonpath";
import { builtInConditions, type Condition, conditionOf, type Missing } from "./conditions";

/** The wait that did not end well; the object exists, as last seen in {@link live}. */
export class AwaitError extends Error {
  constructor(
    message: string,
    readonly live: JsonMap,
    readonly reasons: string[] = [],
  ) {
    super(message);
  }
}

export interface Wait {
  client: Client;
  seconds: number;
  cancelled: AbortSignal;
  /** Shows what is still missing, beside the resource; an empty text takes it away. */
  report: (text: string, severity?: "info" | "warning") => void;
}

/** A wait for the resource `urn`, which says each thing once until there is another of its severity. */
export function newWait({ engine, cancelled }: Session, client: Client, urn: string, seconds: number): Wait {
  const shown: { info?: string; warning?: string } = {};
  const report: Wait["report"] = (text, severity = "info") => {
    if (text === shown[severity]) return;
    shown[severity] = text;
    void engine.log(severity, urn, text, true);
  };
  return { client, seconds, cancelled, report };
}

// Kinds for which the official provider has a wait of its own and this stand-in does not.
const notAwaitable = ["StatefulSet", "DaemonSet", "ReplicationController", "Ingress"];

/** What a check refuses: a wait that this stand-in cannot do, or an annotation that it cannot read. */
export function waitProblems(inputs: ValueMap): Failure[] {
  const property = 'metadata.annotations["pulumi.com/waitFor"]';
  try {
    const conditions = annotatedConditions(inputs);
    if (conditions === undefined && notAwaitable.includes(kindOf(inputs)) && !isTrue(inputs, "pulumi.com/skipAwait")) {
      const reason = `the stand-in for the kubernetes provider cannot await a ${kindOf(inputs)}; set 'pulumi.com/skipAwait' or 'pulumi.com/waitFor'`;
      return [{ property: "kind", reason }];
    }
    return [];
  } catch (error) {
    return [{ property, reason: error instanceof Error ? error.message : String(error) }];
  }
}

function annotatedConditions(inputs: ValueMap): Condition[] | undefined {
  const value = annotation(inputs, "pulumi.com/waitFor");
  if (value === "") return undefined;
  const texts: unknown = value.trimStart().startsWith("[") ? JSON.parse(value) : [value];
  if (!Array.isArray(texts) || texts.length === 0) throw new Error("at least one condition must be specified");
  return texts.map((each) => annotatedCondition(String(each)));
}

function annotatedCondition(annotated: string): Condition {
  if (annotated.startsWith("jsonpath=")) {
    const expectation = parseExpectation(annotated);
    return (live) => {
      if (meets(expectation, live)) return undefined;
      const found = foundText(expectation, live);
      const expected = annotated.slice("jsonpath=".length);
      const path = expected.slice(0, expected.indexOf("}") + 1);
      if (found === undefined) return { info: `${path} selected nothing` };
      return { info: `Waiting for ${expected} (found ${JSON.stringify(found)})` };
    };
  }
  if (annotated.startsWith("condition=")) {
    const [type = "", status = "True"] = annotated.slice("condition=".length).split("=");
    return (live) => {
      if (!Array.isArray(at(live, "status", "conditions"))) return { warning: "Has no .status.conditions" };
      const condition = conditionOf(live, type);
      const found = condition && text(condition, "status");
      if (found?.toLowerCase() === status.toLowerCase()) return undefined;
      return found === undefined ? {} : { info: `Resource has condition ${type}=${found} (want ${status})` };
    };
  }
  throw new Error(`expected a "jsonpath=" or "condition=" prefix, got ${JSON.stringify(annotated)}`);
}

/** Waits until the object is what its kind, or its annotations, call ready. Returns it as last seen. */
export async function awaitReady(wait: Wait, inputs: ValueMap, live: JsonMap): Promise<JsonMap> {
  if (isTrue(inputs, "pulumi.com/skipAwait")) return live;
  const annotated = annotatedConditions(inputs);
  const conditions = annotated ?? builtInConditions(live);
  if (conditions.length === 0) return live;
  const timedOut = annotated ? conditionTimedOut : `'${nameOf(live)}' timed out waiting to be Ready`;
  let current = live;
  let missing: Missing[] = [];
  const late = (): AwaitError | undefined =>
    missing.every(({ readyInTime }) => readyInTime)
      ? undefined
      : new AwaitError(
          timedOut,
          current,
          missing.flatMap(({ reasons = [] }) => reasons),
        );
  try {
    await poll(wait, late, live, async (attempt) => {
      if (attempt > 0) current = await wait.client.get(live);
      const results = await Promise.all(conditions.map(async (condition) => condition(current, wait.client)));
      missing = results.filter((result) => result !== undefined);
      for (const severity of ["info", "warning"] as const) {
        const texts = missing.flatMap((each) => each[severity] ?? []);
        if (texts.length > 0) wait.report(texts.join("; "), severity);
      }
      return missing.length === 0;
    });
  } finally {
    wait.report("");
  }
  return current;
}

// These skip the wait on deletion too when they skip the one on creation:
// https://github.com/pulumi/pulumi-kubernetes/issues/1232
const skipsDeletion = ["Namespace", "Pod", "ReplicationController", "DaemonSet", "Deployment", "StatefulSet", "Job"];

/** Waits until the object is gone, or another object of that name has taken its place. */
export async function awaitDeleted(wait: Wait, inputs: ValueMap, live: JsonMap): Promise<void> {
  if (isTrue(inputs, "pulumi.com/skipAwait") && skipsDeletion.includes(kindOf(inputs))) return;
  const uid = at(live, "metadata", "uid");
  let current = live;
  const late = (): AwaitError => {
    const finalizers = at(current, "metadata", "finalizers");
    const names = Array.isArray(finalizers) ? (finalizers as string[]).join(", ") : "";
    wait.report(`finalizers might be preventing deletion (${names})`, "warning");
    return new AwaitError(conditionTimedOut, current);
  };
  await poll(wait, late, live, async () => {
    try {
      current = await wait.client.get(live);
      if (at(current, "metadata", "deletionTimestamp") !== undefined) wait.report("Resource scheduled for deletion");
      return uid !== undefined && at(current, "metadata", "uid") !== uid;
    } catch (error) {
      if (error instanceof ApiError && error.notFound) return true;
      throw error;
    }
  });
}

const conditionTimedOut = "timed out waiting for the condition";

const firstMilliseconds = 50;
const lastMilliseconds = 1000;

async function poll(
  { seconds, cancelled }: Wait,
  onTimeout: () => AwaitError | undefined,
  live: JsonMap,
  done: (attempt: number) => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  let pause = firstMilliseconds;
  for (let attempt = 0; !cancelled.aborted; attempt++) {
    try {
      if (await done(attempt)) return;
    } catch (error) {
      if (cancelled.aborted) break;
      if (isTransient(error) && Date.now() < deadline) {
        await sleep(lastMilliseconds, cancelled);
        continue;
      }
      throw error instanceof AwaitError
        ? error
        : new AwaitError(error instanceof Error ? error.message : String(error), live);
    }
    if (Date.now() >= deadline) {
      const error = onTimeout();
      if (error) throw error;
      return;
    }
    await sleep(Math.min(pause, deadline - Date.now()), cancelled);
    pause = Math.min(pause * 1.5, lastMilliseconds);
  }
  throw new AwaitError(`Resource operation was cancelled for "${nameOf(live)}"`, live);
}

/** No answer, or none now: a wait outlives that. Undici rejects with a TypeError when a connection fails. */
function isTransient(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof ApiError && (error.status >= 500 || error.status === 429));
}

export function sleep(milliseconds: number, cancelled: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      cancelled.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, Math.max(0, milliseconds));
    cancelled.addEventListener("abort", finish);
  });
}
