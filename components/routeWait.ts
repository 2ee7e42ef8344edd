import type { ClusterConnection } from "./cluster";
import type { GateTarget } from "./readiness";
import { report } from "./readiness/report";
import { emptySnapshot } from "./readiness/snapshot";
import { symptom } from "./symptoms";

/**
 * The paragraph about a Route that no router has taken up in time; undefined where that is not the matter. The provider waits for the
 * Route's host before the readiness gate begins, so it is said of the provider's time-out what the gate would say.
 */
export function unseenRoute(
  errors: readonly string[],
  target: GateTarget,
  seconds: number,
  connection: ClusterConnection,
): string | undefined {
  // A wait that was cancelled, or lost its connection, ends with another sentence of the provider's.
  if (!errors.some((error) => /timed out waiting/i.test(error))) return undefined;
  const finding = { symptom: symptom("route-not-admitted"), evidence: "no router has answered", patience: 0 };
  const overLimit = `route has taken ${seconds} s, its limit is ${seconds} s`;
  const verdict = { kind: "doomed", finding, overLimit } as const;
  return report({ phase: "route", detail: "", phaseSeconds: seconds, verdict }, emptySnapshot(0), target, connection);
}
