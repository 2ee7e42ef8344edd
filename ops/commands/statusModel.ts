import type { PodView } from "../../components/readiness/snapshot";
import type { Difference } from "../stack/differences";
import type { ModelOnClaim } from "../stack/modelOnClaim";

/** What `status` shows; with `--json`, as it is. */
export interface Status {
  stack: string;
  context: string;
  namespace: string;
  ready: boolean;
  phase: string;
  detail: string;
  /** What stands in the way or went wrong, with the remedy. */
  trouble: { title: string; evidence: string; lastLines: string[]; mend: string; remedy: string }[];
  pods: PodView[];
  model: ModelOnClaim | { id: string };
  /** Which vLLM the server has answered that it is, where the image's line is not known without it. */
  vllm?: string;
  node: string;
  claim: string;
  /** The host that the stack publishes, and whether a router serves it there. */
  route: { host?: string; admitted: boolean; certificate: string } | undefined;
  servedNames: { configured: string[]; published: string[] | undefined };
  /** Names by which the gateway knows it. */
  aliases: string;
  drift: Difference[];
  lastUp: string | undefined;
  /** Why the stack's state cannot be read. */
  stateTrouble?: string;
  /** The backend has no such stack. */
  noStack?: true;
  missingRights: string[];
  /** What is wrong with the stack's configuration. */
  mistakes?: string;
  /** On the embedded cluster without a real node: what is seen of nodes, pods, volumes and Routes is played. */
  simulated?: true;
  /** The fault that new pods are given on the embedded cluster. */
  fault?: string;
}
