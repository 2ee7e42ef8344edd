export type { GateLimits } from "../args/limits";

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

/** The write to the Deployment that must be live: what its outputs said. */
export interface Expected {
  uid: string;
  generation: number;
}

/** Where a start-up stands. */
export type Phase =
  "rollout" | "replacing" | "scheduling" | "pulling" | "downloading" | "loading" | "probing" | "route" | "ready";
