/** What a pod takes of quotas and nodes, and which pods are the stack's own: theirs is free again when `up` replaces them. */
import type { Container, Pod } from "kubernetes-types/core/v1";
import type { Live } from "../../components/cluster/objects";
import { parseQuantity } from "../../components/text/quantity";
import { ownerAnnotation } from "../../components/manifests/labels";
import type { Checked } from "./check";

/** By the names of a ResourceQuota, such as `requests.cpu`. */
export type Amounts = Readonly<Record<string, number>>;

type Resources = Pick<Container, "resources">;

interface Sharing {
  containers: Resources[];
  initContainers?: Resources[];
}

/**
 * Init containers have ended when the others start, so that of each resource the larger counts.
 * https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
 */
export function podShare({ containers, initContainers = [] }: Sharing): Amounts {
  const [together, ...alone] = [sum(containers.map(amounts)), ...initContainers.map(amounts)];
  return alone.reduce((most, each) => combined(most, each, Math.max), together);
}

export function sum(all: readonly Amounts[]): Amounts {
  return all.reduce((total, each) => combined(total, each, (a, b) => a + b), {});
}

function combined(left: Amounts, right: Amounts, how: (a: number, b: number) => number): Amounts {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries([...names].map((name) => [name, how(left[name] ?? 0, right[name] ?? 0)]));
}

/** Kubernetes takes a limit for the request where that is left out. */
function amounts({ resources: { requests = {}, limits = {} } = {} }: Resources): Amounts {
  const named = (kind: string, given: Readonly<Record<string, string>>): [string, number][] =>
    Object.entries(given).map(([name, amount]) => [`${kind}.${name}`, parseQuantity(amount) ?? 0]);
  return Object.fromEntries([...named("requests", { ...limits, ...requests }), ...named("limits", limits)]);
}

/**
 * Whether the Deployment that is there is this stack's: a stack that has made nothing may find another's. One without an owner is the
 * old script's, whose place `up` takes after an import.
 */
export function isOwn({ stack, deployment }: Pick<Checked, "stack" | "deployment">): boolean {
  if (!deployment) return false;
  const holder = deployment.metadata.annotations?.[ownerAnnotation];
  return holder === undefined || holder.endsWith(`/${stack.project}/${stack.name}`);
}

/** The pods of the stack's Deployment that still take their share. */
export function ownPods(context: Checked, pods: readonly Live<Pod>[]): Live<Pod>[] {
  const { seen, stack } = context;
  if (!seen || !isOwn(context)) return [];
  const names = new Set(seen.snapshot.pods.map(({ name }) => name));
  return pods.filter(({ metadata: { name, namespace } }) => namespace === stack.args.namespace && names.has(name));
}

/** Of a pod that has ended nothing is counted. */
export const takesShare = ({ status }: Pod): boolean => status?.phase !== "Succeeded" && status?.phase !== "Failed";
