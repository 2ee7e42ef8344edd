import { ApiError } from "../../components/cluster/apiError";
import type { ClusterClient } from "../../components/cluster/client";
import { defaults } from "../../components/args/defaults";
import type { GateLimits, GateTarget } from "../../components/readiness/contract";
import { type Diagnosis, step } from "../../components/readiness/diagnose";
import { newMemory } from "../../components/readiness/memory";
import { nodes } from "../../components/readiness/nodes";
import { lastWords } from "../../components/readiness/report";
import { emptySnapshot, type Snapshot } from "../../components/readiness/snapshot";
import * as view from "../../components/readiness/view";
import { findSymptom, symptom } from "../../components/symptoms";
import { OpsError } from "../terminal/exitCodes";
import { pause } from "../terminal/interrupt";
import { type CommandStack, textFor } from "../stack/stackCommands";

export interface HelperPod {
  name: string;
  namespace: string;
  /** The command that makes it. */
  command: string;
  /** Its only container has the pod's name. */
  spec: {
    serviceAccountName?: string;
    containers: [{ name: string; image: string } & Record<string, unknown>];
  } & Record<string, unknown>;
  /** For how long the pod may take altogether. */
  timeoutSeconds: number;
}

/** A helper pod of a stack. */
export interface PlacedPod extends HelperPod {
  stack: CommandStack;
}

/** How a pod has ended. */
export interface HelperEnd {
  exitCode: number;
  log: string;
}

/** A helper pod in the cluster, as far as it is looked at. */
export interface LiveHelper {
  metadata: {
    name: string;
    uid: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    creationTimestamp: string;
  };
  spec: { activeDeadlineSeconds?: number };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    containerStatuses?: { state?: { running?: object; terminated?: { exitCode: number } } }[];
  };
}

/** Waits for the pod's end; throws why, if it does not run, or did not end in its time. */
export async function watchPod(
  client: ClusterClient,
  path: string,
  pod: PlacedPod,
  onProgress: (text: string) => void,
): Promise<HelperEnd> {
  const { name, namespace, timeoutSeconds } = pod;
  const target = helperTarget(pod);
  const memory = newMemory(Infinity);
  const began = Date.now();
  let said = "";
  for (;;) {
    const live = (await client.get(`${path}/${name}`))?.body as LiveHelper | undefined;
    if (!live) throw new OpsError(`Somebody has removed pod ${name} before it was done.`);
    const { phase = "", containerStatuses = [] } = live.status ?? {};
    const { running, terminated: ended } = containerStatuses[0]?.state ?? {};
    if (phase === "Succeeded" || phase === "Failed") {
      if (ended) return { exitCode: ended.exitCode, log: await client.text(`${path}/${name}/log`) };
      if (!running) throw new OpsError(textFor(thrownOut(live), pod.stack));
    }
    const snapshot = await podSnapshot(client, namespace, live);
    const diagnosis = step(memory, snapshot, target, { uid: helperUid, generation: 1 }, helperLimits);
    if (diagnosis.verdict.kind === "doomed")
      throw new OpsError(textFor(whyNot(diagnosis, snapshot, target), pod.stack));
    if ((Date.now() - began) / 1000 > timeoutSeconds)
      throw new OpsError(textFor(timeoutText(diagnosis, timeoutSeconds, target), pod.stack));
    const now = `${phaseText(diagnosis)}${diagnosis.obstacle ? ` (so far: ${diagnosis.obstacle.symptom.title})` : ""}`;
    if (now !== said) onProgress((said = now));
    await pause(500);
  }
}

/** The readiness diagnosis looks at a Deployment; this one stands for it, with the pod as its only one. */
const helperUid = "helper";

async function podSnapshot(client: ClusterClient, namespace: string, live: LiveHelper): Promise<Snapshot> {
  const now = Date.now();
  const pod = { ...view.pod(live, now), owner: helperUid };
  const events = await client
    .get(`/api/v1/namespaces/${namespace}/events`, { fieldSelector: `involvedObject.uid=${live.metadata.uid}` })
    .catch(onForbidden);
  const list = view.unschedulable(live) ? await client.get("/api/v1/nodes").catch(onForbidden) : undefined;
  return {
    ...emptySnapshot(now),
    deployment: { uid: helperUid, generation: 1, observedGeneration: 1, replicas: 1 },
    replicaSets: [{ name: pod.name, uid: helperUid, current: true }],
    pods: [pod],
    events: view.items(events?.body).map(view.event),
    ...(list && { nodes: nodes(view.items(list.body), live) }),
  };
}

/** The diagnosis does with what may be read. */
function onForbidden(error: unknown): undefined {
  if (!(error instanceof ApiError) || error.status !== 403) throw error;
}

function helperTarget({ name, namespace }: HelperPod): GateTarget {
  return {
    component: name,
    namespace,
    deployment: name,
    claim: "",
    downloaderContainer: "",
    serverContainer: name,
    securityMode: "restricted",
  };
}

/** No phase has a limit of its own: the pod has one time-out, whose sentence is not `up`'s. */
const helperLimits: GateLimits = {
  scheduleSeconds: Infinity,
  replaceSeconds: Infinity,
  pullSeconds: Infinity,
  downloadSeconds: Infinity,
  loadSeconds: Infinity,
  routeSeconds: Infinity,
  unschedulableSeconds: defaults.unschedulableTimeoutSeconds,
};

function phaseText({ phase, detail }: Diagnosis): string {
  // Once it runs, a helper does its work: there is nothing to load.
  return phase === "loading" || phase === "probing" ? "running" : `${phase}: ${detail}`;
}

function whyNot({ verdict }: Diagnosis, snapshot: Snapshot, target: GateTarget): string {
  if (verdict.kind !== "doomed") throw new Error("only a doomed pod is reported");
  const { symptom, evidence } = verdict.finding;
  const words = lastWords(verdict.finding, snapshot).map((line) => `  | ${line}`);
  return [
    `Pod ${target.deployment} cannot run: ${symptom.title}.`,
    `  Said: ${evidence.replace(/\s*\n\s*/g, " ")}`,
    ...words,
    `  What to do: ${symptom.remedy}.`,
  ].join("\n");
}

/** A node that refuses a pod ends it before its container is made, and nobody makes a bare pod anew. */
function thrownOut({ metadata: { name }, status: { reason = "Failed", message } = {} }: LiveHelper): string {
  const { remedy } = findSymptom("rollout", { reason }) ?? symptom("pod-evicted");
  return [
    `Pod ${name} cannot run: its node has thrown it out.`,
    `  Said: ${reason}${message === undefined ? "" : `: ${message.replace(/\s*\n\s*/g, " ")}`}`,
    `  What to do: ${remedy}.`,
  ].join("\n");
}

function timeoutText(diagnosis: Diagnosis, seconds: number, { deployment, namespace }: GateTarget): string {
  const { obstacle } = diagnosis;
  const [why, remedy] = obstacle
    ? [`${obstacle.symptom.title}: ${obstacle.evidence}`, obstacle.symptom.remedy]
    : [phaseText(diagnosis), `see what it waits for, as it waits: kubectl get events -n ${namespace} --watch`];
  return `Pod ${deployment} did not end within ${seconds} s: ${why}.\n  What to do: ${remedy}.`;
}
