/** What the gate watches: Kubernetes names of one component's objects. */
export interface GateTarget {
  /** Name of the component, for messages. */
  component: string;
  namespace: string;
  deployment: string;
  claim: string;
  /** Name of the Route; absent when the component has none. */
  route?: string;
  /** Name of the init container that downloads the model. */
  downloaderContainer: string;
  /** Name of the container that serves it. */
  serverContainer: string;
  securityMode: "anyuid" | "restricted";
}

/** How long each phase of a start-up may last, in seconds. */
export interface GateLimits {
  scheduleSeconds: number;
  /** How long the old pod may take to stop. */
  replaceSeconds: number;
  pullSeconds: number;
  downloadSeconds: number;
  loadSeconds: number;
  routeSeconds: number;
  /** How long a pod may fit no node while no help is on its way. */
  unschedulableSeconds: number;
}

/** The write to the Deployment that must be live: what its outputs said. */
export interface Expected {
  uid: string;
  generation: number;
}

/** Where a start-up stands. */
export type Phase =
  "rollout" | "replacing" | "scheduling" | "pulling" | "downloading" | "loading" | "probing" | "route" | "ready";
