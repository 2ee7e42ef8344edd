import type { ClusterClient } from "../../components/cluster/client";
import type { Observation } from "../stack/observe";
import type { OpsStack } from "../stack/openStack";
import type { NoState, StackState } from "../stack/state";

export type Severity = "ok" | "note" | "warning" | "error";

/** What a check has found. */
export interface CheckFinding {
  severity: Severity;
  /** What was seen. */
  evidence: string;
  /** What to type. */
  mend?: string;
  /** What else there is to say about it. */
  remedy?: string;
  /** The mend itself, where it cannot do harm; its words say what it has done. */
  fix?: () => Promise<string>;
}

/** Why a check could not run. */
export interface Skipped {
  skipped: string;
}

/** What a check answers. */
export type Answer = CheckFinding | CheckFinding[] | Skipped;

/** What the checks look at. */
export interface DoctorContext {
  stack: OpsStack;
  /** Undefined while the cluster does not answer. */
  client: ClusterClient | undefined;
  /** Undefined while nothing is deployed. */
  seen: Observation | undefined;
  /** The live Deployment. */
  deployment: LiveDeployment | undefined;
  state: StackState | NoState;
  /** Whether pods may be made to ask from inside the cluster. */
  probe: boolean;
}

/** The live objects' fields that the checks read. */
export interface LiveContainer {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string; valueFrom?: unknown }[];
}
export interface LiveDeployment {
  metadata: { name: string; annotations?: Record<string, string> };
  spec: {
    replicas?: number;
    strategy?: { type?: string };
    template: {
      spec: { enableServiceLinks?: boolean; initContainers?: LiveContainer[]; containers: LiveContainer[] };
    };
  };
}

/** One thing that can be wrong. */
export interface Check {
  id: string;
  title: string;
  /** Whether there must be a deployment to look at. */
  deployed: boolean;
  /** Whether its findings rest on what the embedded cluster only plays: nodes, pods, volumes, Routes. */
  simulated?: true;
  run: (context: Checked) => Answer | Promise<Answer>;
}

/** The context of a check that needs the cluster. */
export type Checked = DoctorContext & { client: ClusterClient };

export function fine(evidence: string): CheckFinding {
  return { severity: "ok", evidence };
}
