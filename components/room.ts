/** Says before an `up` when the nodes have not enough GPUs for all models of a stack together. */
import * as pulumi from "@pulumi/pulumi";
import type { Deployment } from "kubernetes-types/apps/v1";
import type { Pod, PodSpec } from "kubernetes-types/core/v1";
import type { VllmInferenceArgs } from "./args/args";
import { type ResolvedArgs, resolveArgs } from "./args/resolve";
import { type ClusterReader, sharedClient } from "./cluster/client";
import { aimedText, thisStack } from "./cluster/commands";
import type { ClusterConnection } from "./cluster/connection";
import type { Live } from "./cluster/objects";
import { thisOwner } from "./hooks/ownership";
import { deployment } from "./manifests/deployment";
import { nobody, ownerAnnotation } from "./manifests/labels";
import { nodes, open, wantedGpus } from "./readiness/nodes";
import { type Held, type Room, roomText, type Wish } from "./readiness/room";
import { ifAllowed, readScaling } from "./readiness/supply";
import { items } from "./readiness/view";

const nothing: PodSpec = { containers: [] };

/** Nodes that are asked for their pods, at most. */
const askedNodes = 8;

/**
 * Warns, at preview and before an `up` begins, where the models have no room together. What may not be read, or a cluster that does not answer,
 * leaves it unknown, and nothing is said.
 */
export async function tellRoom(
  connection: ClusterConnection,
  models: Readonly<Record<string, Omit<VllmInferenceArgs, "cluster">>>,
): Promise<void> {
  // Mocks have no engine, and no cluster.
  if (!pulumi.runtime.hasEngine()) return;
  let text: string | undefined;
  try {
    const reader = await sharedClient(connection);
    const resolved = Object.entries(models).map(([name, args]) => resolveArgs(name, args));
    const room = await readRoom(reader, resolved, thisOwner());
    text = room && roomText(room);
  } catch {
    // The provider says that the cluster does not answer.
    return;
  }
  if (text !== undefined) await pulumi.log.warn(aimedText(text, { stack: thisStack() }));
}

/** Undefined where there is but one model, or the nodes may not be read. */
export async function readRoom(
  reader: ClusterReader,
  models: readonly ResolvedArgs[],
  owner: string,
): Promise<Room | undefined> {
  const namespaces = [...new Set(models.map(({ namespace }) => namespace))];
  const own = (await Promise.all(namespaces.map((each) => ownOf(reader, each, owner)))).flat();
  const leaving = own.filter(({ name, gpus }) => gpus > 0 && !models.some(({ component }) => component === name));
  if (models.length + leaving.length < 2) return undefined;
  const found = await ifAllowed(reader, "/api/v1/nodes");
  if (!found) return undefined;
  const all = items(found.body);
  const wishes = models.map((args) => wishOf(args, all, own));
  const seats = [...new Set(wishes.flatMap((wish) => wish.seats.map(({ node }) => node)))];
  const resources = new Set(wishes.map(({ resource }) => resource));
  const stays = (pod: Live<Pod>): boolean =>
    own.some(
      ({ name, pods }) => models.some(({ component }) => component === name) && pods.some((each) => isSame(each, pod)),
    );
  const held = (await Promise.all(seats.slice(0, askedNodes).map((node) => heldOn(reader, node)))).flat();
  const scaling = await readScaling(reader);
  return {
    wishes,
    held: held.filter(({ pod, resource }) => resources.has(resource) && !stays(pod)),
    leaving: leaving.map(({ name, startSeconds }) => ({ name, ...(startSeconds !== undefined && { startSeconds }) })),
    startSeconds: Object.fromEntries(
      own.flatMap(({ name, startSeconds }) => (startSeconds === undefined ? [] : [[name, startSeconds] as const])),
    ),
    ...(scaling !== undefined && { scaling }),
  };
}

/** A Deployment of this stack as it stands on the cluster. */
interface Own {
  name: string;
  gpus: number;
  pods: Live<Pod>[];
  startSeconds?: number;
}

async function ownOf(reader: ClusterReader, namespace: string, owner: string): Promise<Own[]> {
  const [deployments, pods] = await Promise.all([
    ifAllowed(reader, `/apis/apps/v1/namespaces/${namespace}/deployments`),
    ifAllowed(reader, `/api/v1/namespaces/${namespace}/pods`),
  ]);
  return (items(deployments?.body) as Live<Deployment>[])
    .filter(({ metadata }) => metadata.annotations?.[ownerAnnotation] === owner)
    .map(({ metadata: { name }, spec }) => {
      const its = (items(pods?.body) as Live<Pod>[]).filter(({ metadata }) => metadata.labels?.["app"] === name);
      const startSeconds = its.map(startOf).find((each) => each !== undefined);
      const gpus = wantedGpus(spec?.template.spec ?? nothing).count;
      return { name, gpus, pods: its, ...(startSeconds !== undefined && { startSeconds }) };
    });
}

function wishOf(args: ResolvedArgs, all: unknown[], own: readonly Own[]): Wish {
  const { template } = deployment({ args, owner: nobody }, {}).spec as { template: { spec: PodSpec } };
  const { resource, count: gpus } = wantedGpus(template.spec);
  const running = own
    .find(({ name }) => name === args.component)
    ?.pods.find(({ spec }) => spec?.nodeName !== undefined);
  const stays = running && wantedGpus(running.spec ?? nothing).count === gpus;
  return {
    name: args.component,
    gpus,
    resource,
    seats: open(nodes(all, template))
      .filter((node) => node.gpus > 0)
      .map((node) => ({ node: node.name, gpus: node.gpus })),
    ...(stays && { runsOn: running.spec.nodeName! }),
  };
}

async function heldOn(reader: ClusterReader, node: string): Promise<(Held & { pod: Live<Pod> })[]> {
  const list = await ifAllowed(reader, "/api/v1/pods", { fieldSelector: `spec.nodeName=${node}` });
  return (items(list?.body) as Live<Pod>[])
    .filter(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed")
    .map((pod) => ({ pod, ...wantedGpus(pod.spec ?? nothing) }))
    .filter(({ count }) => count > 0)
    .map(({ pod, resource, count }) => ({
      node,
      resource,
      gpus: count,
      holder: `${pod.metadata.namespace}/${pod.metadata.name}`,
      pod,
    }));
}

function isSame(one: Live<Pod>, other: Live<Pod>): boolean {
  return one.metadata.name === other.metadata.name && one.metadata.namespace === other.metadata.namespace;
}

/** From the pod's creation until it was Ready, in seconds: with the download where there was one. */
function startOf({ metadata: { creationTimestamp = "" }, status }: Live<Pod>): number | undefined {
  const ready = status?.conditions?.find(({ type, status: is }) => type === "Ready" && is === "True");
  const seconds = (Date.parse(ready?.lastTransitionTime ?? "") - Date.parse(creationTimestamp)) / 1000;
  return Number.isFinite(seconds) ? seconds : undefined;
}
