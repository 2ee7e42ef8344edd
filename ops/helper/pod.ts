import { hostname } from "node:os";
import { ApiError } from "../../components/cluster/apiError";
import type { ClusterClient } from "../../components/cluster/client";
import { findSymptom } from "../../components/symptoms";
import { messageOf } from "../../shared/errors";
import { processStart } from "../../shared/lock.mjs";
import { exitCodes, OpsError } from "../terminal/exitCodes";
import { type HelperEnd, type LiveHelper, type PlacedPod, watchPod } from "./watch";
import { pause, withCleanUp } from "../terminal/interrupt";
import { type CommandStack, textFor, commandFor } from "../stack/stackCommands";

export type { HelperEnd, HelperPod, LiveHelper, PlacedPod } from "./watch";

/** Label of every pod that these commands make; its value is the command. */
export const helperLabel = "vllm-inference/ops";
/** Which process made it, as `<host>/<pid>/<start>`. */
const madeByAnnotation = "vllm-inference/ops-process";

/**
 * Runs a pod to its end and removes it, whatever happens: also on Ctrl-C, and what a killed run has left before. Throws why, if it
 * does not run.
 */
export async function runHelperPod(
  client: ClusterClient,
  pod: PlacedPod,
  onProgress: (text: string) => void,
): Promise<HelperEnd> {
  const path = `/api/v1/namespaces/${pod.namespace}/pods`;
  await removeLeftover(client, path, pod, onProgress);
  let making: Making = "not";
  return withCleanUp(
    async () => {
      if (making !== "not") await removePod(client, path, pod, making === "perhaps" ? lateAnswerMs : 0);
    },
    async () => {
      making = "perhaps";
      await create(client, path, pod).catch((error: unknown) => {
        // Only an answer says for certain that there is none; a request that was lost may have arrived.
        if (error instanceof ApiError ? error.status < 500 : isRefusal(error)) making = "not";
        throw error;
      });
      making = "surely";
      return await watchPod(client, path, pod, onProgress);
    },
  );
}

function isRefusal(error: unknown): boolean {
  return error instanceof OpsError && error.exitCode !== exitCodes.unreachable;
}

/** Whether the pod was made. */
type Making = "not" | "perhaps" | "surely";

/** How much later than its client's patience a request may still make a pod, in ms. */
const lateAnswerMs = 10_000;

async function create(client: ClusterClient, path: string, pod: PlacedPod): Promise<void> {
  const { name, namespace, command, spec, timeoutSeconds, stack } = pod;
  const metadata = { name, namespace, labels: { [helperLabel]: command }, annotations: { [madeByAnnotation]: me() } };
  const object = {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    // Should nobody be left to remove it, the cluster ends it, too, so long after a node has taken it; one that finds no node waits on.
    spec: {
      restartPolicy: "Never",
      activeDeadlineSeconds: timeoutSeconds + graceSeconds,
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      ...spec,
    },
  };
  try {
    await client.send("POST", path, object);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500) throw error;
    if (error.status === 404)
      throw new OpsError(
        textFor(`Namespace ${namespace} does not exist; \`oc new-project ${namespace}\` makes it.`, stack),
        exitCodes.nothingDeployed,
      );
    if (error.status === 409) throw busy(pod);
    // RBAC says "cannot create"; an admission plugin gives its own reason.
    if (/ cannot create resource /.test(error.message)) throw error;
    const row = findSymptom("admission", { text: error.message });
    const account = spec.serviceAccountName ?? "default";
    const remedy = row?.remedy.replaceAll("{account}", account).replaceAll("{namespace}", namespace);
    throw new OpsError(
      `The cluster refuses pod ${name}: ${row ? `${row.title}. ` : ""}It said: ${error.message}.${remedy === undefined ? "" : `\nWhat to do: ${textFor(remedy, stack)}.`}`,
    );
  }
}

function busy({ name, namespace, stack }: PlacedPod): OpsError {
  return new OpsError(
    `Pod ${name} exists in namespace ${namespace}, and its command may be running. Wait for it; or, if it is not: ${removal(name, namespace, stack)}`,
    exitCodes.busy,
  );
}

const removal = (name: string, namespace: string, stack: CommandStack): string =>
  commandFor(`kubectl delete pod ${name} -n ${namespace}`, stack);

/** The cluster's own deadline comes so much later than this program's, in seconds, so that the reason is told and not only the end. */
const graceSeconds = 60;

/** Whether a helper pod is what a killed run has left: it has ended, or its process is gone, or it is older than its run may last. */
export function isLeftover({ metadata, spec, status }: LiveHelper): boolean {
  const age = (Date.now() - Date.parse(metadata.creationTimestamp)) / 1000;
  const ended = status?.phase === "Succeeded" || status?.phase === "Failed";
  const outlived = age > (spec.activeDeadlineSeconds ?? 0) + graceSeconds;
  return ended || outlived || isDead(metadata.annotations?.[madeByAnnotation] ?? "");
}

async function removeLeftover(
  client: ClusterClient,
  path: string,
  pod: PlacedPod,
  onProgress: (text: string) => void,
): Promise<void> {
  const { name, namespace } = pod;
  const live = (await client.get(`${path}/${name}`))?.body as LiveHelper | undefined;
  if (!live) return;
  if (live.metadata.labels?.[helperLabel] === undefined) {
    throw new OpsError(
      `Pod ${name} in namespace ${namespace} was not made by this program; remove or rename it: ${removal(name, namespace, pod.stack)}`,
      exitCodes.busy,
    );
  }
  if (!isLeftover(live)) throw busy(pod);
  onProgress(`removing pod ${name}, which a killed run has left`);
  await removePod(client, path, pod, 0);
}

function me(): string {
  return `${hostname()}/${process.pid}/${processStart(process.pid) ?? ""}`;
}

/** Whether the process that made a pod is gone for certain: it was on this machine. */
export function isDead(madeBy: string): boolean {
  const [host, pid, start] = madeBy.split("/");
  return host === hostname() && processStart(Number(pid)) !== start;
}

/** For how long the removal of a pod is tried, in ms. */
const removalMs = 60_000;

/** Deletes a pod and waits until it is gone; for `lateMs` it may still come. What fails is tried again, ever less often. */
async function removePod(
  client: ClusterClient,
  path: string,
  { name, namespace, stack }: PlacedPod,
  lateMs: number,
): Promise<void> {
  const began = Date.now();
  const byHand = `remove it: ${removal(name, namespace, stack)}`;
  let wait = 250;
  let asked = false;
  for (;;) {
    let trouble = "it is still stopping";
    try {
      if (!asked) await client.send("DELETE", `${path}/${name}`, { gracePeriodSeconds: 1 });
      asked = true;
      if (!(await client.get(`${path}/${name}`))) return;
      wait = 500;
    } catch (error) {
      const status = error instanceof ApiError ? error.status : undefined;
      if (status === 404 && Date.now() - began >= lateMs) return;
      trouble = messageOf(error);
      if (status === 401 || status === 403)
        throw new OpsError(`Pod ${name} is left: ${trouble}; ${byHand}`, exitCodes.forbidden);
      wait = status === 404 ? 500 : Math.min(wait * 2, 8000);
    }
    if (Date.now() - began > removalMs) throw new OpsError(`Pod ${name} is left: ${trouble}; ${byHand}`);
    await pause(wait);
  }
}
