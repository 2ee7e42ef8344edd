import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, type ClusterClient } from "../components/clusterClient";
import type { GateLimits, GateTarget } from "../components/readiness/contract";
import { type Diagnosis, step } from "../components/readiness/diagnose";
import { newMemory } from "../components/readiness/memory";
import { nodes } from "../components/readiness/nodes";
import { lastWords } from "../components/readiness/report";
import { emptySnapshot, type Snapshot } from "../components/readiness/snapshot";
import * as view from "../components/readiness/view";
import { findSymptom } from "../components/symptoms";
import { processStart } from "../local/lock.mjs";
import { exitCodes, OpsError } from "./exit";
import { withCleanUp } from "./interrupt";

/** Label of every pod that these commands make; its value is the command. */
export const helperLabel = "vllm-inference/ops";
/** Which process made it, as `<host>/<pid>/<start>`. */
const madeByAnnotation = "vllm-inference/ops-process";

export interface HelperPod {
  name: string;
  namespace: string;
  /** The command that makes it. */
  command: string;
  /** Its only container has the pod's name. */
  spec: { containers: [{ name: string; image: string } & Record<string, unknown>] } & Record<string, unknown>;
  /** For how long the pod may take altogether. */
  timeoutSeconds: number;
}

/** How a pod has ended. */
export interface HelperEnd {
  exitCode: number;
  log: string;
}

/**
 * Runs a pod to its end and removes it, whatever happens: also on Ctrl-C, and what a killed run has left before. Throws why, if it
 * does not run.
 */
export async function runHelperPod(
  client: ClusterClient,
  pod: HelperPod,
  onProgress: (text: string) => void,
): Promise<HelperEnd> {
  const { name, namespace } = pod;
  const path = `/api/v1/namespaces/${namespace}/pods`;
  await removeLeftover(client, path, pod, onProgress);
  return withCleanUp(
    () => removePod(client, path, name),
    async () => {
      await create(client, path, pod);
      return await watchPod(client, path, pod, onProgress);
    },
  );
}

async function create(
  client: ClusterClient,
  path: string,
  { name, namespace, command, spec, timeoutSeconds }: HelperPod,
): Promise<void> {
  const metadata = { name, namespace, labels: { [helperLabel]: command }, annotations: { [madeByAnnotation]: me() } };
  const object = {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    // The cluster ends it, too, should nobody be left to remove it.
    spec: {
      restartPolicy: "Never",
      activeDeadlineSeconds: timeoutSeconds,
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      ...spec,
    },
  };
  try {
    await client.send("POST", path, object);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404)
      throw new OpsError(
        `Namespace ${namespace} does not exist; \`oc new-project ${namespace}\` makes it.`,
        exitCodes.nothingDeployed,
      );
    if (error.status === 409) throw busy(name, namespace);
    // RBAC says "cannot create"; an admission plugin gives its own reason.
    if (/ cannot create resource /.test(error.message)) throw error;
    const row = findSymptom("admission", { text: error.message });
    throw new OpsError(
      `The cluster refuses pod ${name}: ${row ? `${row.title}. ` : ""}It said: ${error.message}.${row ? `\nWhat to do: ${row.remedy}.` : ""}`,
    );
  }
}

function busy(name: string, namespace: string): OpsError {
  return new OpsError(
    `Pod ${name} exists in namespace ${namespace}, and its command may be running. Wait for it; or, if it is not: kubectl delete pod ${name} -n ${namespace}`,
    exitCodes.busy,
  );
}

interface LivePod {
  metadata: {
    uid: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    creationTimestamp: string;
  };
  spec: { activeDeadlineSeconds?: number };
  status?: { phase?: string; containerStatuses?: { state?: { terminated?: { exitCode: number } } }[] };
}

async function removeLeftover(
  client: ClusterClient,
  path: string,
  { name, namespace }: HelperPod,
  onProgress: (text: string) => void,
): Promise<void> {
  const live = (await client.get(`${path}/${name}`))?.body as LivePod | undefined;
  if (!live) return;
  if (live.metadata.labels?.[helperLabel] === undefined) {
    throw new OpsError(
      `Pod ${name} in namespace ${namespace} was not made by this program; remove or rename it: kubectl delete pod ${name} -n ${namespace}`,
      exitCodes.busy,
    );
  }
  const age = (Date.now() - Date.parse(live.metadata.creationTimestamp)) / 1000;
  const ended = live.status?.phase === "Succeeded" || live.status?.phase === "Failed";
  const outlived = age > (live.spec.activeDeadlineSeconds ?? 0) + 60;
  if (!ended && !outlived && !isDead(live.metadata.annotations?.[madeByAnnotation] ?? "")) throw busy(name, namespace);
  onProgress(`removing pod ${name}, which a killed run has left`);
  await removePod(client, path, name);
}

function me(): string {
  return `${hostname()}/${process.pid}/${processStart(process.pid) ?? ""}`;
}

/** Whether the process that made a pod is gone for certain: it was on this machine. */
export function isDead(madeBy: string): boolean {
  const [host, pid, start] = madeBy.split("/");
  return host === hostname() && processStart(Number(pid)) !== start;
}

async function removePod(client: ClusterClient, path: string, name: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      if (attempt === 0) await client.send("DELETE", `${path}/${name}`, { gracePeriodSeconds: 1 });
      if (!(await client.get(`${path}/${name}`))) return;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return;
      if (attempt >= 120) throw error;
    }
    if (attempt >= 120) throw new OpsError(`Pod ${name} is still stopping; see that it goes: kubectl get pod ${name}`);
    await sleep(500);
  }
}

async function watchPod(
  client: ClusterClient,
  path: string,
  pod: HelperPod,
  onProgress: (text: string) => void,
): Promise<HelperEnd> {
  const { name, namespace, timeoutSeconds } = pod;
  const target = helperTarget(pod);
  const memory = newMemory(Infinity);
  const began = Date.now();
  let said = "";
  for (;;) {
    const live = (await client.get(`${path}/${name}`))?.body as LivePod | undefined;
    if (!live) throw new OpsError(`Somebody has removed pod ${name} before it was done.`);
    const ended = live.status?.containerStatuses?.[0]?.state?.terminated;
    if (ended && (live.status?.phase === "Succeeded" || live.status?.phase === "Failed")) {
      return { exitCode: ended.exitCode, log: await client.text(`${path}/${name}/log`) };
    }
    const snapshot = await podSnapshot(client, namespace, live);
    const diagnosis = step(memory, snapshot, target, { uid: helperUid, generation: 1 }, helperLimits(timeoutSeconds));
    if (diagnosis.verdict.kind === "doomed") throw new OpsError(whyNot(diagnosis, snapshot, target));
    if ((Date.now() - began) / 1000 > timeoutSeconds)
      throw new OpsError(timeoutText(diagnosis, timeoutSeconds, target));
    const now = `${phaseText(diagnosis)}${diagnosis.obstacle ? ` (so far: ${diagnosis.obstacle.symptom.title})` : ""}`;
    if (now !== said) onProgress((said = now));
    await sleep(500);
  }
}

/** The readiness diagnosis looks at a Deployment; this one stands for it, with the pod as its only one. */
const helperUid = "helper";

async function podSnapshot(client: ClusterClient, namespace: string, live: LivePod): Promise<Snapshot> {
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

function helperLimits(timeoutSeconds: number): GateLimits {
  const all = timeoutSeconds;
  return { scheduleSeconds: all, pullSeconds: all, downloadSeconds: all, loadSeconds: all, routeSeconds: all };
}

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

function timeoutText({ phase, detail, obstacle }: Diagnosis, seconds: number, { deployment }: GateTarget): string {
  const why = obstacle
    ? `${obstacle.symptom.title}: ${obstacle.evidence}\n  What to do: ${obstacle.symptom.remedy}.`
    : detail;
  return `Pod ${deployment} did not end within ${seconds} s; it is ${phase}: ${why}`;
}
