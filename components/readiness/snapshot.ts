/**
 * What the gate has seen of one component at one moment, in as few fields as the diagnosis needs. Written by `watch.ts` from live
 * objects, and by hand in the tests' scenario files.
 */
export interface Snapshot {
  /** Milliseconds on this machine's clock. */
  at: number;
  deployment?: DeploymentView;
  replicaSets: ReplicaSetView[];
  pods: PodView[];
  claim?: ClaimView;
  route?: RouteView;
  events: EventView[];
  /** How the nodes look to the pod; read only while it finds none. */
  nodes?: NodeView[];
  /** Whether something in the cluster adds nodes on demand; read with the nodes, undefined where that may not be seen. */
  scaling?: boolean;
  /** The GPU operator's DaemonSets that are not ready; read only where no node offers a GPU, or a container does not get its own. */
  gpuSoftware?: string[];
  /** The node under the pod, read only where what happens to the pod may be the node's. */
  host?: HostView;
  /** The end of the log of a container's run, by `pod/container`: of the one that goes on, else of the last one. */
  logs: Record<string, string[]>;
  /** The end of the log of the run before, of containers that have been restarted and run; also by `pod/container`. */
  previousLogs?: Record<string, string[]>;
  /** The last line of each container that runs, and for how many seconds it has said no more; where the log tells its times. */
  quiet?: Record<string, { line: string; seconds: number }>;
  /** Rights that the cluster refused, as `get pods/log`. */
  missingRights: string[];
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

export interface DeploymentView {
  uid: string;
  generation: number;
  observedGeneration: number;
  replicas: number;
  paused?: boolean;
  updatedReplicas?: number;
  availableReplicas?: number;
  totalReplicas?: number;
  conditions?: Condition[];
}

export interface ReplicaSetView {
  name: string;
  uid: string;
  /** Seconds since it was made, on the cluster's clock. */
  age?: number;
  /** Whether its pod template is the Deployment's of this moment. */
  current: boolean;
  conditions?: Condition[];
}

export interface PodView {
  name: string;
  uid: string;
  /** Seconds since it was made, on the cluster's clock. */
  age?: number;
  /** uid of the ReplicaSet that owns it. */
  owner?: string;
  phase?: string;
  reason?: string;
  message?: string;
  terminating?: boolean;
  nominatedNode?: string;
  node?: string;
  conditions?: Condition[];
  /** What must let it go before the scheduler looks at it. */
  gates?: string[];
  containers?: ContainerView[];
}

export interface ContainerView {
  name: string;
  init?: boolean;
  image?: string;
  restarts?: number;
  ready?: boolean;
  started?: boolean;
  waiting?: { reason?: string; message?: string };
  running?: boolean;
  terminated?: TerminatedView;
  last?: TerminatedView;
}

export interface TerminatedView {
  exitCode: number;
  reason?: string;
  message?: string;
}

export interface ClaimView {
  uid: string;
  /** Seconds since it was made, on the cluster's clock. */
  age?: number;
  phase: string;
  storageClass?: string;
}

export interface RouteView {
  uid: string;
  /** What `spec.host` says: the host that the stack publishes. */
  host?: string;
  /** One per router that has looked at it. */
  ingress: { router?: string; host?: string; admitted?: string; reason?: string; message?: string }[];
}

export interface NodeView {
  name: string;
  /** GPUs that it has, free or not, of the kind that the pod asks for. */
  gpus: number;
  /** GPUs that the pod asks for. */
  wanted: number;
  /** GPUs that it has under another name, as `2 × nvidia.com/mig-3g.20gb`. */
  others?: string[];
  /** Pods that hold its GPUs, as `namespace/name`; read only where they may be listed. */
  holders?: string[];
  /** Whether one of them is about to let them go. */
  freeing?: boolean;
  cordoned?: boolean;
  /** Taints that the pod does not tolerate, as `key=value:effect`. */
  untolerated: string[];
  /** Labels of the pod's node selector that it lacks, as `key=value`. */
  unselected: string[];
}

export interface HostView {
  name: string;
  /** Whether it answers; undefined where it does not say. */
  ready?: boolean;
  /** What its condition Ready says. */
  message?: string;
  /** As `amd64`. */
  architecture?: string;
}

export interface EventView {
  kind: string;
  name: string;
  /** uid of the object it is about. */
  uid?: string;
  reason: string;
  message: string;
  count?: number;
  /** Which program wrote it. */
  source?: string;
}

/** A snapshot in which nothing was found. */
export function emptySnapshot(at: number): Snapshot {
  return { at, replicaSets: [], pods: [], events: [], logs: {}, missingRights: [] };
}
