import { existsSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { ApiError } from "./apiError";
import { sharedClient } from "./client";
import { targetedText, thisStack } from "./commands";
import type { ClusterConnection } from "./connection";
import { hasOwnProcess, thisProgram } from "./engine";
import { causeText } from "./trouble";

/** Why a cluster cannot be asked, and what to type. */
export interface Silence {
  why: string;
  remedy: string;
}

/** Undefined where the cluster answers whoever asks: a refusal for lack of a right is an answer, too. */
export async function silenceOf(connection: ClusterConnection): Promise<Silence | undefined> {
  const { context, kubeconfig } = connection;
  if (kubeconfig !== undefined && !existsSync(kubeconfig)) {
    const remedy = "log in with `oc login <server>`, or name another with `pulumi config set kubeconfig <path>`";
    return { why: `there is no kubeconfig ${kubeconfig}`, remedy };
  }
  try {
    await (await sharedClient(connection)).get("/version");
    return undefined;
  } catch (error) {
    if (error instanceof ApiError && error.status !== 401) return undefined;
    if (error instanceof ApiError) {
      const why = `the cluster of context '${context}' does not take its login (${error.message})`;
      return { why, remedy: "it has run out or was withdrawn: log in again with `oc login <server>`" };
    }
    const remedy =
      "see that its API server runs and can be reached from here (VPN, proxy), or log in with `oc login <server>`";
    return { why: `the cluster of context '${context}' does not answer (${causeText(error)})`, remedy };
  }
}

/** What a preview says that could not ask the cluster: it compares with the state alone, and proves nothing. */
export function previewText({ why, remedy }: Silence): string {
  return `The cluster was not asked: ${why}. This preview compares with the stack's state alone, and an \`up\` would fail. Now: ${remedy}.`;
}

/** What an `up` says instead of the providers' advice, which costs the stack its memory of everything. */
export function upText({ why, remedy }: Silence): string {
  return (
    `Nothing was touched: ${why}. Now: ${remedy}. Do not set PULUMI_K8S_DELETE_UNREACHABLE, whatever the provider says: ` +
    "with it Pulumi forgets every object that it cannot reach, the volume with the model too."
  );
}

const refused = new Set<unknown>();

/** The program ends with an error: what waits for the cluster is not begun, however soon that answers. */
export function refuse(): void {
  refused.add(thisProgram());
}

/** What a refused program still waits for. Its process ends without it; the Automation API's waits for all that was begun, so that there it fails. */
export function never(): Promise<never> {
  if (hasOwnProcess()) return new Promise(() => undefined);
  return Promise.reject(new pulumi.RunError("nothing is begun, because the program was refused"));
}

function unlessRefused<T>(value: T): T | Promise<T> {
  return refused.has(thisProgram()) ? never() : value;
}

/** Also in a package of components and an inline program of the Automation API, where `pulumi.runtime.hasEngine` is always false (3.276). */
function hasEngine(): boolean {
  const { getEngine } = pulumi.runtime as unknown as { getEngine(this: void): object | undefined };
  return getEngine() !== undefined;
}

/**
 * Gives `value` once the cluster has answered: what depends on it is then not begun on one that is away. A preview goes on without a cluster, as
 * one for a stranger's pull request must, but says so.
 */
export function whenAnswering<T>(value: T, connection: ClusterConnection): pulumi.Input<T> {
  // Mocks have no engine, and no cluster.
  if (!hasEngine()) return value;
  const stack = thisStack();
  const asked = silenceOf(connection);
  if (!pulumi.runtime.isDryRun()) {
    return asked.then((silence) => {
      if (silence) throw new pulumi.RunError(targetedText(upText(silence), { stack }));
      return unlessRefused(value);
    });
  }
  return asked.then(async (silence) => {
    if (silence) await pulumi.log.warn(targetedText(previewText(silence), { stack }));
    return value;
  });
}
