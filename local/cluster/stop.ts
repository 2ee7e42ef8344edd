import { existsSync } from "node:fs";
import { withLock } from "../../shared/lock.mjs";
import { endProcesses } from "../../shared/processes";
import { clusterProcesses, kwokctlPids } from "./processes";
import { stopSimulationServer } from "./simulation";
import { clusterLayout } from "./spec";

/** Ends every process of the cluster; its data stay, and the next start goes on with them. */
export async function stopCluster(stateDir: string): Promise<number> {
  const layout = clusterLayout(stateDir);
  if (!existsSync(layout.kwokHome)) return 0;
  return withLock(layout.lock, async () => {
    await endProcesses(kwokctlPids(layout));
    const stopped = await stopSimulationServer(layout);
    const running = clusterProcesses(layout);
    // Not `kwokctl stop`: it kills by pid files, and with SIGKILL. The API server goes before the etcd that it talks to.
    const pids = (component: string) => (running.get(component) ?? []).map(({ pid }) => pid);
    await endProcesses([...running.keys()].filter((component) => component !== "etcd").flatMap(pids));
    await endProcesses(pids("etcd"));
    return stopped + [...running.values()].flat().length;
  });
}
