/** Gives the node one of its faults, or takes it back: new pods are changed as they are made, the volume and the node at once. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type {
  KubernetesObject,
  V1Deployment,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodTemplateSpec,
} from "@kubernetes/client-node";
import { execa } from "execa";
import { UserError } from "../../shared/errors";
import { runningProcesses } from "../../shared/processes";
import { clusterLayout } from "../cluster/spec";
import { faultPolicy } from "../cluster/fault";
import { Api, ignoring, pathOf } from "../simulation/api";
import { cellPid, inCell } from "./cell";
import { Disks } from "./disks";
import { type PodChange, type RealFault, realFaults } from "./faults";
import { type NodeLayout, nodeLayout } from "./layout";
import { nodeNetwork } from "./network";

/** What the new pods of a fault carry: the policy is in force once one made for a look has it. */
const mark = "real-node/fault";
/** Time for an admission policy to be in force, or for a download to end, in milliseconds; it takes about one second. */
const patience = 60_000;

/** The stack's one model. */
export interface Target {
  readonly stateDir: string;
  readonly namespace: string;
  readonly deployment: string;
}

/** Takes back the fault that is set, if there is one, and has the pods that have it made anew. */
export async function endFault(target: Target, set: string | undefined): Promise<void> {
  const api = apiOf(target);
  const binding = { ...faultPolicy, kind: "MutatingAdmissionPolicyBinding" };
  await ignoring(404, api.remove(pathOf(binding)));
  await ignoring(404, api.remove(pathOf(faultPolicy)));
  const fault = set === undefined ? undefined : realFaults[set];
  if (fault) await inNode(target, fault.mend ?? []);
  await inForce(target, undefined);
  // Those that have it keep it.
  const { items } = await api.list<KubernetesObject>(podsPath(target));
  for (const { metadata } of items.filter((pod) => pod.metadata?.annotations?.[mark] !== undefined))
    await ignoring(404, api.remove(pathOf({ kind: "Pod", metadata: metadata! })));
}

/** Sets a fault, instead of one that is set. Gives how many processes were killed for it. */
export async function setFault(target: Target, name: string, before: string | undefined): Promise<number> {
  const fault = realFaults[name];
  if (!fault) throw new UserError(`'fault' (${name}) must be one of ${Object.keys(realFaults).sort().join(", ")}.`);
  if (before !== name) {
    await endFault(target, before);
    const api = apiOf(target);
    for (const object of policyObjects(name, fault, target)) await api.apply(object);
    await inForce(target, name);
    if (fault.arrange) await untilDownloaded(target);
    await inNode(target, fault.arrange ?? []);
  }
  return fault.kill ? kill(nodeLayout(target.stateDir), fault.kill) : 0;
}

/** The policy that changes new pods of the Deployment. */
export function policyObjects(
  name: string,
  { pod = [] }: RealFault,
  { namespace, deployment }: Target,
): KubernetesObject[] {
  const marked: PodChange = { op: "add", path: `/metadata/annotations/${mark.replace("/", "~1")}`, value: name };
  const changes = [marked, ...pod].map(
    ({ op, path, value }) => `JSONPatch{op: ${celOf(op)}, path: ${celOf(path)}, value: ${celOf(value)}}`,
  );
  const policy = {
    ...faultPolicy,
    metadata: { ...faultPolicy.metadata, annotations: { [mark]: name } },
    spec: {
      failurePolicy: "Fail",
      reinvocationPolicy: "Never",
      matchConstraints: {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        objectSelector: { matchLabels: { app: deployment } },
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      },
      mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: `[${changes.join(", ")}]` } }],
    },
  };
  const binding = {
    ...faultPolicy,
    kind: "MutatingAdmissionPolicyBinding",
    spec: { policyName: faultPolicy.metadata.name },
  };
  return [policy, binding];
}

/** A value as CEL has it; the values of one map may be of several types only as `dyn`. */
function celOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: dyn(${celOf(each)})`);
  return `{${entries.join(", ")}}`;
}

const apiOf = ({ stateDir }: Target): Api => new Api(clusterLayout(stateDir).kubeconfig);

async function podTemplate(api: Api, { namespace, deployment: name }: Target): Promise<V1PodTemplateSpec> {
  const path = pathOf({ apiVersion: "apps/v1", kind: "Deployment", metadata: { namespace, name } });
  return (await api.get<V1Deployment>(path)).spec!.template;
}

const podsPath = ({ namespace }: Target): string => pathOf({ kind: "Pod", metadata: { namespace } });

/** Until a pod made now would have the fault, or none. */
async function inForce(target: Target, name: string | undefined): Promise<void> {
  const api = apiOf(target);
  const { metadata, spec } = await podTemplate(api, target);
  const pod = { metadata: { annotations: {}, ...metadata, generateName: "look-" }, spec };
  const deadline = Date.now() + patience;
  for (;;) {
    const made = await api.create<KubernetesObject>(`${podsPath(target)}?dryRun=All`, pod);
    if (made.metadata?.annotations?.[mark] === name) return;
    if (Date.now() > deadline) throw new Error(`the fault is not in force after ${patience / 1000} s`);
    await sleep(100);
  }
}

/**
 * Until the pods that were made before have done with the volume: their downloader would bring back what a fault removes. One that never does so is
 * not waited for long.
 */
async function untilDownloaded(target: Target): Promise<void> {
  const api = apiOf(target);
  for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(200)) {
    const { items } = await api.list<V1Pod>(podsPath(target));
    const pods = items.filter(({ metadata }) => metadata?.labels?.["app"] === target.deployment);
    const made = pods.some(({ metadata }) => metadata?.deletionTimestamp === undefined); // those that the last fault had are made anew
    const before = pods.filter(({ metadata }) => metadata?.annotations?.[mark] === undefined);
    if (made && before.every(({ status }) => status?.initContainerStatuses?.every(({ state }) => state?.terminated)))
      return;
  }
}

async function inNode(target: Target, lines: readonly string[]): Promise<void> {
  const layout = nodeLayout(target.stateDir);
  const cell = cellPid(layout);
  if (cell === undefined) throw new UserError("The node does not run. Run `npm run local` first.");
  if (lines.length > 0) {
    const volume = await volumeFolder(target);
    for (const line of lines) {
      const [file, ...args] = inCell(cell, ["sh", "-ec", line.replaceAll("{volume}", volume)]) as [string, ...string[]];
      await execa(file, args);
    }
  }
}

async function volumeFolder(target: Target): Promise<string> {
  const api = apiOf(target);
  const { spec } = await podTemplate(api, target);
  const claim = spec!.volumes!.find((each) => each.persistentVolumeClaim)!.persistentVolumeClaim!;
  const path = pathOf({
    kind: "PersistentVolumeClaim",
    metadata: { namespace: target.namespace, name: claim.claimName },
  });
  const { spec: bound } = await api.get<V1PersistentVolumeClaim>(path);
  const layout = nodeLayout(target.stateDir);
  return new Disks(layout, () => cellPid(layout)).path(bound!.volumeName!);
}

/** Those of this node's pods alone, told by their control group, or of its programs, told by their configuration's path. */
function kill(layout: NodeLayout, what: NonNullable<RealFault["kill"]>): number {
  const groups = `/${nodeNetwork(layout.dir).interface}/`;
  const meant = runningProcesses().filter(({ pid, command }) =>
    "process" in what
      ? command.startsWith(what.process) && groupsOf(pid).includes(groups)
      : command.includes(`/${what.program} `) && command.includes(` --config=${join(layout.etc, what.program)}`),
  );
  for (const { pid } of meant) process.kill(pid, "SIGKILL");
  return meant.length;
}

function groupsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, "utf8");
  } catch {
    return ""; // it has ended meanwhile
  }
}
