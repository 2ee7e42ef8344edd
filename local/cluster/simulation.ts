import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { repositoryRoot } from "../paths";
import { endProcesses, runningProcesses } from "../../shared/processes";
import { clusterUid } from "./api";
import type * as Simulation from "../simulation";
import { formerLayout } from "./moved";
import type { ClusterLayout } from "./spec";

const simulationDir = join(repositoryRoot, "local", "simulation");
const serverScript = join(simulationDir, "server.ts");

/** A fingerprint of the simulation's code and objects, and of the cluster that they are installed in. */
function fingerprint(uid: string): string {
  const hash = createHash("sha256").update(uid);
  for (const file of globSync("**/*.{ts,yaml}", { cwd: simulationDir }).sort()) {
    hash.update(file).update(readFileSync(join(simulationDir, file)));
  }
  return hash.digest("hex");
}

/**
 * Installs the simulation's objects, unless these very ones are in the cluster, and sees to it that its server runs. An API server that
 * has just started (`ranBefore` is false) refuses Routes for some seconds, which starting the simulation's server waits for.
 */
export async function ensureSimulation(
  layout: ClusterLayout,
  log: (line: string) => void,
  ranBefore: boolean,
): Promise<void> {
  const wanted = fingerprint(await clusterUid(layout.kubeconfig));
  const installed = await readFile(layout.simulationMarker, "utf8").catch(() => undefined);
  if (ranBefore && installed === wanted && simulationServerPids(layout).length === 1) return;
  const simulated = "what the cluster simulates: GPU nodes, Routes, SCCs, volumes";
  log(installed === wanted ? `starting ${simulated}` : `installing ${simulated}`);
  await stopSimulationServer(layout);
  // Loaded only here: the Kubernetes client takes longer to load than a healthy cluster to be found healthy. ts-node knows TypeScript
  // files only through `require`.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { installSimulation, startSimulationServer } = require("../simulation") as typeof Simulation;
  if (installed !== wanted) await installSimulation(layout.kubeconfig);
  await startSimulationServer(layout.kubeconfig, layout.simulationLog);
  await writeFile(`${layout.simulationMarker}.partial`, wanted);
  await rename(`${layout.simulationMarker}.partial`, layout.simulationMarker);
}

/**
 * Processes are known by their command line, which names this cluster's kubeconfig: a pid file could name a stranger. The script's folder is
 * another where the clone has been moved.
 */
export function simulationServerPids(layout: ClusterLayout): number[] {
  const script = relative(repositoryRoot, serverScript);
  const marks = [layout, formerLayout(layout) ?? []].flat().map(({ kubeconfig }) => `/${script} ${kubeconfig} `);
  return runningProcesses().flatMap(({ pid, command }) =>
    marks.some((mark) => `${command} `.includes(mark)) ? [pid] : [],
  );
}

export async function stopSimulationServer(layout: ClusterLayout): Promise<number> {
  const pids = simulationServerPids(layout);
  await endProcesses(pids);
  return pids.length;
}
