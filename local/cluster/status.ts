import { existsSync } from "node:fs";
import { clusterUid, whyNotReady } from "./api";
import { clusterProcesses } from "./processes";
import { simulationServerPids } from "./simulation";
import { clusterLayout, components } from "./spec";

/** What runs of a cluster. */
export interface ClusterStatus {
  /** Each process with its pid, undefined where it does not run. */
  processes: Record<string, number | undefined>;
  /** Whether the API server says that it is ready. */
  ready: boolean;
  /** Why it is not. */
  reason?: string;
  /** The identity of the cluster's data. */
  uid?: string;
}

export async function clusterStatus(stateDir: string): Promise<ClusterStatus> {
  const layout = clusterLayout(stateDir);
  const running = clusterProcesses(layout);
  const processes: ClusterStatus["processes"] = {};
  for (const component of components) processes[component] = running.get(component)?.[0]?.pid;
  processes["simulation-server"] = simulationServerPids(layout)[0];
  if (!existsSync(layout.kubeconfig)) return { processes, ready: false, reason: "there is no cluster" };
  if (running.size === 0) return { processes, ready: false, reason: "it is stopped" };
  const reason = await whyNotReady(layout.kubeconfig);
  if (reason !== undefined) return { processes, ready: false, reason };
  return { processes, ready: true, uid: await clusterUid(layout.kubeconfig) };
}
