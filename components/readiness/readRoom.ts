/** What of the cluster decides whether all models of a stack have room together. */
import type { Deployment } from "kubernetes-types/apps/v1";
import type { Pod, PodSpec } from "kubernetes-types/core/v1";
import type { ClusterReader } from "../cluster/client";
import type { Live } from "../cluster/objects";
import { nodes, open, wantedGpus } from "./nodes";
import type { Held, Room, Wish } from "./room";
import { ifAllowed, readScaling } from "./supply";
import { items } from "./view";

/** A model as its stack would make it. */
export interface Asked {
  name: string;
  namespace: string;
  /** Of its pod. */
  template: { spec: PodSpec };
}

const nothing: PodSpec = { containers: [] };

/** Nodes that are asked for their pods, at most. */
const askedNodes = 8;

/**
 * Undefined where there is but one model, or the nodes may not be read.
 * @param isOwn whether a Deployment with these annotations is the stack's
 */
export async function readRoom(
  reader: ClusterReader,
  models: readonly Asked[],
  isOwn: (annotations: Readonly<Record<string, string>>) => boolean,
): Promise<Room | undefined> {
  const namespaces = [...new Set(models.map(({ namespace }) => namespace))];
  const own = (await Promise.all(namespaces.map((each) => ownOf(reader, each, isOwn)))).flat();
  const leaving = own.filter(({ name, gpus }) => gpus > 0 && !models.some((model) => model.name === name));
  if (models.length + leaving.length < 2) return undefined;
  const found = await ifAllowed(reader, "/api/v1/nodes");
  if (!found) return undefined;
  const all = items(found.body);
  const wishes = models.map((model) => wishOf(model, all, own));
  const seats = [...new Set(wishes.flatMap((wish) => wish.seats.map(({ node }) => node)))];
  const resources = new Set(wishes.map(({ resource }) => resource));
  const stays = (pod: Live<Pod>): boolean =>
    own.some(({ name, pods }) => models.some((model) => model.name === name) && pods.some((each) => isSame(each, pod)));
  const held = (await Promise.all(seats.slice(0, askedNodes).map((node) => heldOn(reader, node)))).flat();
  const scaling = await readScaling(reader);
  return {
    wishes,
    held: held
      .filter(({ pod, resource }) => resources.has(resource) && !stays(pod))
      .map(({ pod, ...each }) => ({
        ...each,
        leaves: leaving.some(({ pods }) => pods.some((other) => isSame(other, pod))),
      })),
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

async function ownOf(
  reader: ClusterReader,
  namespace: string,
  isOwn: (annotations: Readonly<Record<string, string>>) => boolean,
): Promise<Own[]> {
  const [deployments, pods] = await Promise.all([
    ifAllowed(reader, `/apis/apps/v1/namespaces/${namespace}/deployments`),
    ifAllowed(reader, `/api/v1/namespaces/${namespace}/pods`),
  ]);
  return (items(deployments?.body) as Live<Deployment>[])
    .filter(({ metadata }) => isOwn(metadata.annotations ?? {}))
    .map(({ metadata: { name }, spec }) => {
      const its = (items(pods?.body) as Live<Pod>[]).filter(({ metadata }) => metadata.labels?.["app"] === name);
      const startSeconds = its.map(startOf).find((each) => each !== undefined);
      const gpus = wantedGpus(spec?.template.spec ?? nothing).count;
      return { name, gpus, pods: its, ...(startSeconds !== undefined && { startSeconds }) };
    });
}

function wishOf({ name, template }: Asked, all: unknown[], own: readonly Own[]): Wish {
  const { resource, count: gpus } = wantedGpus(template.spec);
  const running = own.find((each) => each.name === name)?.pods.find(({ spec }) => spec?.nodeName !== undefined);
  const stays = running && wantedGpus(running.spec ?? nothing).count === gpus;
  return {
    name,
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
