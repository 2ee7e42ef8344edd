import { clusterLayout, clusterStatus } from "../cluster";
import { defaultStateDir } from "../paths";

/** Ends with 0 when the cluster is ready, else with 1. */
export async function status(): Promise<number> {
  const { processes, ready, reason } = await clusterStatus(defaultStateDir);
  for (const [name, pid] of Object.entries(processes)) {
    console.log(`${name.padEnd(24)}${pid === undefined ? "not running" : `pid ${pid}`}`);
  }
  console.log(`${"cluster".padEnd(24)}${ready ? "ready" : `not ready: ${reason}`}`);
  if (ready) console.log(`${"kubeconfig".padEnd(24)}${clusterLayout(defaultStateDir).kubeconfig}`);
  return ready ? 0 : 1;
}
