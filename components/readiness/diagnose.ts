import { symptom, type SymptomId } from "../symptoms";
import type { Expected, GateLimits, GateTarget, Phase } from "./contract";
import type { Finding } from "./finding";
import { findings } from "./findings";
import { remember, type Memory } from "./memory";
import { type Rollout, rollout, standing, type Standing, unadmitted } from "./phase";
import type { Snapshot } from "./snapshot";

/** What the gate concludes. */
export type Verdict =
  { kind: "waiting" } | { kind: "ready" } | { kind: "doomed"; finding: Finding; overLimit?: string };

/** Where a start-up stands, and whether it can succeed. */
export interface Diagnosis {
  phase: Phase;
  detail: string;
  verdict: Verdict;
  /** Seconds since the phase began. */
  phaseSeconds: number;
  /** What stands in the way, doomed or not. */
  obstacle?: Finding;
}

/** Takes one snapshot into the memory and judges. */
export function step(
  memory: Memory,
  snapshot: Snapshot,
  target: GateTarget,
  expected: Expected,
  limits: GateLimits,
  pods: Rollout = rollout(snapshot),
): Diagnosis {
  const passed = remember(memory, snapshot, pods);
  const now = standing(snapshot, target, expected, pods);
  if (now.phase !== memory.phase) {
    memory.phase = now.phase;
    memory.phaseSince = memory.clock;
  }
  const base = { phase: now.phase, detail: now.detail, phaseSeconds: Math.round(memory.clock - memory.phaseSince) };
  if (now.phase === "ready") return { ...base, verdict: { kind: "ready" } };

  const found = findings(snapshot, memory, target, expected, limits, pods);
  const seen = keepSince(memory, found);
  const doomed = found.find((finding) => memory.clock - (seen.get(finding) ?? memory.clock) >= finding.patience);
  if (doomed) return { ...base, verdict: { kind: "doomed", finding: doomed }, obstacle: doomed };

  const obstacle = found[0] && { obstacle: found[0] };
  const over = overLimit(memory, now, passed, limits);
  if (over !== undefined) {
    return {
      ...base,
      verdict: { kind: "doomed", finding: found[0] ?? slow(now), overLimit: over },
      ...obstacle,
    };
  }
  const routeOver = routeOverLimit(memory, unadmitted(snapshot, target), passed, limits);
  if (routeOver !== undefined) {
    const finding = found.find(({ symptom: { area } }) => area === "route") ?? unseen();
    return { ...base, verdict: { kind: "doomed", finding, overLimit: routeOver }, ...obstacle };
  }
  return { ...base, verdict: { kind: "waiting" }, ...obstacle };
}

/** Since when each finding has been there without a break. */
function keepSince(memory: Memory, found: Finding[]): Map<Finding, number> {
  const since = new Map<string, number>();
  const seen = new Map<Finding, number>();
  for (const finding of found) {
    // While something excuses it (the old pod still stops), its time does not run.
    const excused = finding.patience === Infinity ? "excused" : "";
    const key = `${finding.symptom.id}/${finding.pod ?? ""}/${finding.container ?? ""}/${excused}`;
    const start = memory.since.get(key) ?? memory.clock;
    since.set(key, start);
    seen.set(finding, start);
  }
  memory.since = since;
  return seen;
}

/** Which limit belongs to which phase. */
const limitOf: Record<Exclude<Phase, "ready" | "route">, keyof GateLimits> = {
  rollout: "scheduleSeconds",
  replacing: "replaceSeconds",
  scheduling: "scheduleSeconds",
  pulling: "pullSeconds",
  downloading: "downloadSeconds",
  loading: "loadSeconds",
  probing: "loadSeconds",
};

function overLimit(memory: Memory, now: Standing, passed: number, limits: GateLimits): string | undefined {
  if (now.phase !== "ready" && now.phase !== "route") {
    const name = limitOf[now.phase];
    const key = `${name}/${now.pod?.uid ?? ""}`;
    const spent = (memory.spent.get(key) ?? 0) + (now.held ? 0 : passed);
    memory.spent.set(key, spent);
    if (spent > limits[name]) return exceeded(now.phase, spent, limits[name]);
  }
  // Pods that come and go start their phases anew; the start-up as a whole may not go on for ever.
  const { scheduleSeconds, replaceSeconds, pullSeconds, downloadSeconds, loadSeconds, routeSeconds } = limits;
  const total = scheduleSeconds + replaceSeconds + pullSeconds + downloadSeconds + loadSeconds + routeSeconds;
  if (memory.clock > total)
    return `the start-up has taken ${Math.round(memory.clock)} s, all its limits together are ${total} s`;
  return undefined;
}

/** A router answers a Route within seconds, whatever the pod does meanwhile: its time runs beside the other phases. */
function routeOverLimit(
  memory: Memory,
  waits: boolean,
  passed: number,
  { routeSeconds }: GateLimits,
): string | undefined {
  const spent = waits ? (memory.spent.get("routeSeconds") ?? 0) + passed : 0;
  memory.spent.set("routeSeconds", spent);
  return spent > routeSeconds ? exceeded("route", spent, routeSeconds) : undefined;
}

function exceeded(phase: Phase, spent: number, limit: number): string {
  return `${phase} has taken ${Math.round(spent)} s, its limit is ${limit} s`;
}

function unseen(): Finding {
  return { symptom: symptom("route-not-admitted"), evidence: "no router has answered", patience: 0 };
}

const slowOf: Partial<Record<Phase, SymptomId>> = {
  replacing: "old-pod-stuck",
  loading: "server-startup-too-slow",
  probing: "server-not-ready",
};

function slow({ phase, detail, pod }: Standing): Finding {
  return {
    symptom: symptom(slowOf[phase] ?? "too-slow"),
    evidence: detail,
    patience: 0,
    ...(pod && { pod: pod.name }),
  };
}
