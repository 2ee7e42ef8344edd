/**
 * Plays a scenario file: a start-up as the cluster tells it, written as changes at moments. Between two moments everything stays as it
 * is and is looked at every two seconds, as `watch.ts` does.
 */
import { startupLimits } from "../../../components/args/limits";
import type { GateLimits, GateTarget } from "../../../components/readiness/contract";
import { type Diagnosis, step as judge } from "../../../components/readiness/diagnose";
import { newMemory } from "../../../components/readiness/memory";
import type { ContainerView, HostView, NodeView, PodView, Snapshot } from "../../../components/readiness/snapshot";
import { resolveArgs } from "../../../components/args/resolve";
import type { ContainerChange, EventChange, Scenario, Stage, Step } from "./scenario";

export type { Scenario, Step } from "./scenario";

export const target: GateTarget = {
  component: "vllm",
  namespace: "vllm-inference",
  deployment: "vllm",
  claim: "vllm-models-cache",
  route: "vllm",
  downloaderContainer: "model-downloader",
  serverContainer: "server",
  securityMode: "anyuid",
};
export const defaultLimits: GateLimits = startupLimits(resolveArgs(target.component, {}));
const expected = { uid: "deployment-uid", generation: 2 };
const everySeconds = 2;
const startMs = Date.parse("2026-01-01T00:00:00Z");

/** What a scenario came to. */
export interface Outcome {
  diagnosis: Diagnosis;
  snapshot: Snapshot;
  seconds: number;
  phases: string[];
}

export function play(scenario: Scenario): Outcome {
  const memory = newMemory(scenario.upSeconds ?? 20);
  const world = new World(scenario.resumed ?? 0);
  const end = scenario.until ?? scenario.steps.at(-1)?.at ?? 0;
  const phases: string[] = [];
  let outcome: Outcome | undefined;
  for (const moment of moments(scenario.steps, end)) {
    for (const change of scenario.steps.filter((candidate) => candidate.at === moment)) world.apply(change);
    if (world.lost) continue;
    const snapshot = world.snapshot(moment);
    const diagnosis = judge(memory, snapshot, target, expected, { ...defaultLimits, ...scenario.limits });
    if (phases.at(-1) !== diagnosis.phase) phases.push(diagnosis.phase);
    outcome = { diagnosis, snapshot, seconds: moment, phases };
    if (diagnosis.verdict.kind !== "waiting") return outcome;
  }
  if (!outcome) throw new Error(`scenario '${scenario.title}' shows nothing`);
  return outcome;
}

function moments(steps: readonly Step[], end: number): number[] {
  const all = new Set(steps.map((change) => change.at));
  for (let second = 0; second <= end; second += everySeconds) all.add(second);
  return [...all].filter((second) => second <= end).sort((a, b) => a - b);
}

const host = "vllm-vllm-inference.apps.example.com";

/** The cluster as a scenario has it at one moment. */
class World {
  lost = false;
  private stage: Stage = "none";
  private podName = "vllm-new-1";
  private readonly changes = new Map<string, ContainerChange>();
  private readonly logs: Record<string, string[]> = {};
  private readonly previousLogs: Record<string, string[]> = {};
  private events: EventChange[] = [];
  private unschedulable = "";
  private refused = "";
  private podFields: Partial<PodView> = {};
  private oldPod: "running" | "terminating" | "none" = "none";
  private claim = "Bound";
  private route: NonNullable<Step["route"]> = "admitted";
  private deployment: Record<string, unknown> | null = {};
  private nodes: NodeView[] | undefined;
  private scaling: boolean | undefined;
  private gpuSoftware: string[] | undefined;
  private host: HostView | undefined;
  private rights: string[] = [];
  private readonly failed: PodView[] = [];

  constructor(private readonly ageAtStart: number) {}

  apply(change: Step): void {
    this.lost = change.lost ?? false;
    if (change.newPod !== undefined) this.replacePod(change.newPod);
    if (change.pod !== undefined) {
      if (change.pod !== this.stage) this.changes.clear();
      this.stage = change.pod;
    }
    for (const [name, container] of Object.entries(change.containers ?? {})) {
      if (container === null) this.changes.delete(name);
      else this.changes.set(name, container);
    }
    Object.assign(this.logs, change.logs);
    Object.assign(this.previousLogs, change.previousLogs);
    this.events = change.events ?? this.events;
    this.unschedulable = change.unschedulable ?? this.unschedulable;
    this.refused = change.refused ?? this.refused;
    this.podFields = change.podFields ?? this.podFields;
    this.oldPod = change.oldPod ?? this.oldPod;
    this.claim = change.claim ?? this.claim;
    this.route = change.route ?? this.route;
    if (change.deployment !== undefined) this.deployment = change.deployment;
    this.nodes = change.nodes ?? this.nodes;
    this.scaling = change.scaling ?? this.scaling;
    this.gpuSoftware = change.gpuSoftware ?? this.gpuSoftware;
    this.host = change.host ?? this.host;
    this.rights = change.rights ?? this.rights;
  }

  snapshot(second: number): Snapshot {
    const age = second + this.ageAtStart;
    const deployment = this.deployment && {
      deployment: { uid: expected.uid, generation: 2, observedGeneration: 2, replicas: 1, ...this.deployment },
    };
    const failure = { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: this.refused };
    return {
      at: startMs + second * 1000,
      ...deployment,
      replicaSets: this.rights.includes("list replicasets")
        ? []
        : [
            { name: "vllm-old", uid: "replicaset-old", current: false },
            {
              name: "vllm-new",
              uid: "replicaset",
              current: true,
              age,
              ...(this.refused !== "" && { conditions: [failure] }),
            },
          ],
      pods: this.rights.includes("list pods") ? [] : this.pods(age),
      claim: { uid: "claim", phase: this.claim, age },
      route: { uid: "route", host, ingress: this.ingress() },
      events: this.rights.includes("list events")
        ? []
        : this.events.map(({ about, ...event }) => ({ ...event, kind: about, name: about, uid: this.uidOf(about) })),
      logs: this.ofPod(this.logs),
      previousLogs: this.ofPod(this.previousLogs),
      ...(this.nodes && { nodes: this.nodes }),
      ...(this.scaling !== undefined && { scaling: this.scaling }),
      ...(this.gpuSoftware && { gpuSoftware: this.gpuSoftware }),
      ...(this.host && { host: this.host }),
      missingRights: this.rights,
    };
  }

  private ofPod(logs: Record<string, string[]>): Record<string, string[]> {
    return Object.fromEntries(Object.entries(logs).map(([name, lines]) => [`${this.podName}/${name}`, lines]));
  }

  private uidOf(about: EventChange["about"]): string {
    return about === "pod" ? this.podName : about === "old-replicaset" ? "replicaset-old" : about;
  }

  private replacePod(name: string): void {
    if (this.stage === "failed") this.failed.push(...this.newPod(0));
    this.podName = name;
    this.podFields = {};
    this.changes.clear();
  }

  private ingress() {
    if (this.route === "unseen") return [];
    const edge = { router: "edge", host: `edge-${host}`, admitted: "True" };
    if (this.route === "elsewhere") return [edge];
    if (this.route === "both") return [edge, { router: "default", host, admitted: "True" }];
    if (typeof this.route === "object" && this.route.elsewhere)
      return [edge, { router: "default", host, admitted: "False", ...this.route }];
    if (this.route === "admitted") return [{ router: "default", host, admitted: "True" }];
    return [{ router: "default", host, admitted: "False", ...this.route }];
  }

  private pods(age: number): PodView[] {
    const old: PodView = {
      name: "vllm-old-1",
      uid: "old-pod",
      owner: "replicaset-old",
      phase: "Running",
      node: "gpu-0",
      ...(this.oldPod === "terminating" && { terminating: true }),
    };
    return [...(this.oldPod === "none" ? [] : [old]), ...this.failed, ...this.newPod(age)];
  }

  private newPod(age: number): PodView[] {
    if (this.stage === "none") return [];
    const scheduled = this.stage !== "pending";
    const unschedulable = { status: "False", reason: "Unschedulable", message: this.unschedulable };
    return [
      {
        name: this.podName,
        uid: this.podName,
        owner: "replicaset",
        age,
        phase:
          this.stage === "failed"
            ? "Failed"
            : ["pending", "pulling", "downloading"].includes(this.stage)
              ? "Pending"
              : "Running",
        ...(scheduled && { node: "gpu-0" }),
        conditions: [
          {
            type: "PodScheduled",
            ...(scheduled ? { status: "True" } : this.unschedulable === "" ? { status: "Unknown" } : unschedulable),
          },
          { type: "Ready", status: this.stage === "ready" ? "True" : "False" },
        ],
        containers: scheduled ? this.containers() : [],
        ...this.podFields,
      },
    ];
  }

  private containers(): ContainerView[] {
    const waiting = { waiting: { reason: "PodInitializing" } };
    const done: Partial<ContainerView> = { terminated: { exitCode: 0, reason: "Completed" }, ready: true };
    const stages: Record<string, [Partial<ContainerView>, Partial<ContainerView>]> = {
      pulling: [waiting, waiting],
      downloading: [{ running: true }, waiting],
      loading: [done, { running: true, started: false, ready: false }],
      probing: [done, { running: true, started: true, ready: false }],
      ready: [done, { running: true, started: true, ready: true }],
      failed: [done, {}],
    };
    const [init, server] = stages[this.stage] ?? [waiting, waiting];
    return [
      { name: "model-downloader", init: true, ...this.changed("model-downloader", init) },
      { name: "server", ...this.changed("server", server) },
    ];
  }

  /** A container's own change replaces its stage; `exit` is one that ended and waits for its next start. */
  private changed(name: string, stage: Partial<ContainerView>): Partial<ContainerView> {
    const change = this.changes.get(name);
    if (!change) return stage;
    const { exit, ...fields } = change;
    if (!exit) return { ready: false, ...fields };
    return { ready: false, restarts: 0, waiting: { reason: "CrashLoopBackOff" }, last: exit, ...fields };
  }
}
