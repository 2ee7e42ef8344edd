/** The form of the scenario files: a start-up as the cluster tells it, written as changes at moments. */
import type { GateLimits } from "../../../components/readiness/contract";
import type {
  ContainerView,
  HostView,
  NodeView,
  PodView,
  TerminatedView,
} from "../../../components/readiness/snapshot";

export interface Scenario {
  title: string;
  /** Seconds that the wait begins after the objects were made; 0 for a first `up`. */
  resumed?: number;
  /** Seconds since this `up` began. @default 20 */
  upSeconds?: number;
  limits?: Partial<GateLimits>;
  steps: Step[];
  /** Last moment, in seconds; the last step's if left out. */
  until?: number;
  expect: Expectation;
}

export interface Expectation {
  verdict: "ready" | "doomed" | "waiting";
  symptom?: string;
  container?: string;
  /** A text that the evidence contains. */
  evidence?: string;
  /** The verdict falls at most this many seconds after the step that is marked `reported`. */
  within?: number;
  /** The verdict does not fall before this second. */
  notBefore?: number;
  /** The limit that was reached, as its text begins. */
  overLimit?: string;
  /** The phases in their order. */
  phases?: string[];
  /** A text that the last phase's detail contains. */
  detail?: string;
}

export interface Step {
  at: number;
  reported?: boolean;
  /** The new pod's stage; `none` removes it. */
  pod?: Stage;
  /** A new pod replaces the new ReplicaSet's pod. */
  newPod?: string;
  /** Changes of containers: `null` takes one back. */
  containers?: Record<string, ContainerChange | null>;
  /** The scheduler's message; "" for scheduled. */
  unschedulable?: string;
  podFields?: Partial<PodView>;
  oldPod?: "running" | "terminating" | "none";
  /** The message with which the cluster refuses the pod; "" once it does no longer. */
  refused?: string;
  events?: EventChange[];
  logs?: Record<string, string[]>;
  /** Logs of the run before, of containers that run again. */
  previousLogs?: Record<string, string[]>;
  claim?: string;
  route?: "admitted" | "unseen" | "elsewhere" | "both" | { reason: string; message: string; elsewhere?: boolean };
  deployment?: Record<string, unknown> | null;
  nodes?: NodeView[];
  scaling?: boolean;
  gpuSoftware?: string[];
  host?: HostView;
  rights?: string[];
  /** No look at the cluster succeeds until the next step. */
  lost?: boolean;
}

export type Stage = "none" | "pending" | "pulling" | "downloading" | "loading" | "probing" | "ready" | "failed";
export interface ContainerChange extends Partial<ContainerView> {
  exit?: TerminatedView;
}
export interface EventChange {
  about: "pod" | "old-pod" | "replicaset" | "old-replicaset" | "claim";
  reason: string;
  message: string;
  count?: number;
  source?: string;
}
