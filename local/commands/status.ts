import { clusterLayout, clusterStatus, faultOf, faultText, isReal } from "../cluster";
import { defaultStateDir } from "../paths";
import { stackNamespace } from "../pulumi/stack";
import { print } from "../../shared/terminal";
import { nodeFacts, nodeStatus } from "../real";

/** Ends with 0 when the cluster is ready, else with 1. */
export async function status(): Promise<number> {
  const { processes, ready, reason } = await clusterStatus(defaultStateDir);
  const { kubeconfig } = clusterLayout(defaultStateDir);
  const real = isReal(defaultStateDir);
  if (real) delete processes["simulation-server"];
  for (const [name, pid] of Object.entries({ ...processes, ...(real ? nodeStatus(defaultStateDir) : {}) })) {
    print(`${name.padEnd(24)}${pid === undefined ? "not running" : `pid ${pid}`}`);
  }
  print(`${"cluster".padEnd(24)}${ready ? "ready" : `not ready: ${reason}`}`);
  if (ready) print(`${"kubeconfig".padEnd(24)}${kubeconfig}`);
  if (real) {
    for (const [name, fact] of Object.entries(nodeFacts(defaultStateDir))) print(`${name.padEnd(24)}${fact}`);
  } else if (ready) {
    print(`${"simulated".padEnd(24)}nodes, pods, volumes, Routes: no container runs, nothing answers`);
  }
  if (ready) {
    const fault = await faultOf(kubeconfig, await stackNamespace());
    if (fault !== undefined) print(`${"fault".padEnd(24)}${faultText(fault)}`);
  }
  return ready ? 0 : 1;
}
