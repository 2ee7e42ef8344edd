import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { UserError } from "../../shared/errors";
import { withLock } from "../../shared/lock.mjs";
import { endProcesses } from "../../shared/processes";
import { kwokctlOptions } from "../simulation/options";
import { resolveTools, type ToolName } from "../toolchain";
import { whyNotPlaying, whyNotReady } from "./api";
import { componentsEnded, kwokctl, notReady, PortTaken, portTaken } from "./kwokctl";
import { freePorts } from "./ports";
import { clusterProcesses, kwokctlPids, repairPidFiles } from "./processes";
import { ensureSimulation } from "./simulation";
import {
  clusterLayout,
  clusterName,
  components,
  kubeconfig,
  kwokctlConfiguration,
  specHash,
  type ClusterLayout,
  type ClusterPorts,
} from "./spec";

/** A running cluster. */
export interface Cluster {
  kubeconfig: string;
  context: string;
}

/** Time for the control plane to become ready, in milliseconds; it takes about 6 s on two idle cores. */
const readyTimeout = 120_000;
const attempts = 3;

interface Marker {
  specHash: string;
  ports: ClusterPorts;
}

/** Starts the cluster, or finds it healthy; returns once everything the program relies on is in it. */
export async function startCluster({
  stateDir,
  log = () => undefined,
  flags: more,
}: {
  stateDir: string;
  log?: (line: string) => void;
  /** Flags of kwokctl for a control plane whose node is real: then nothing is simulated. */
  flags?: readonly string[];
}): Promise<Cluster> {
  const layout = clusterLayout(stateDir);
  const binaries = await resolveTools(log);
  const flags = [...kwokctlOptions(), ...(more ?? [])];
  const hash = specHash(binaries, flags, layout.workDir);
  return withLock(
    layout.lock,
    async () => {
      const healthy = await isHealthy(layout, hash);
      if (!healthy) await bringUp(layout, { binaries, flags, hash }, log);
      if (!more) await ensureSimulation(layout, log, healthy);
      return { kubeconfig: layout.kubeconfig, context: clusterName };
    },
    (holder) => {
      log(`waiting for process ${holder.pid}, which is starting or stopping this cluster`);
    },
  );
}

async function isHealthy(layout: ClusterLayout, hash: string): Promise<boolean> {
  if ((await readMarker(layout))?.specHash !== hash || !existsSync(layout.kubeconfig)) return false;
  const running = clusterProcesses(layout);
  if (components.some((component) => running.get(component)?.length !== 1)) return false;
  return (await whyNotReady(layout.kubeconfig)) === undefined;
}

interface Spec {
  binaries: Record<ToolName, string>;
  /** What the simulation needs of the control plane, as kwokctl's flags. */
  flags: string[];
  hash: string;
}

/** A start that fails leaves no process; a creation that fails leaves nothing. */
async function bringUp(layout: ClusterLayout, spec: Spec, log: (line: string) => void): Promise<void> {
  await endProcesses(kwokctlPids(layout)); // one that a killed run has left half-way
  try {
    await tryPorts(layout, spec, log);
  } catch (error) {
    await endProcesses([...kwokctlPids(layout), ...allPids(layout)]);
    if ((await readMarker(layout)) === undefined) await rm(layout.kwokDir, { recursive: true, force: true });
    throw error;
  }
}

async function tryPorts(layout: ClusterLayout, spec: Spec, log: (line: string) => void): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const marker = await readMarker(layout);
    try {
      const started = marker?.specHash === spec.hash && existsSync(layout.kwokConfig);
      const ports = started ? await restart(layout, spec, marker, log) : await create(layout, spec, marker, log);
      const failure = await waitReady(layout, ports);
      if (failure === undefined) return;
      if (!portTaken(layout)) throw notReady(layout, failure);
    } catch (error) {
      if (!(error instanceof PortTaken)) throw error;
    }
    await endProcesses(allPids(layout));
    if (attempt === attempts) throw notReady(layout, `other programs took its ports, ${attempts} times`);
    log("another program has taken a port; trying with other ports");
    if (marker) await outdate(layout, marker);
  }
}

async function restart(
  layout: ClusterLayout,
  spec: Spec,
  { ports }: Marker,
  log: (line: string) => void,
): Promise<ClusterPorts> {
  log("starting the cluster again");
  repairPidFiles(layout);
  const complaint = await kwokctl(layout, spec.binaries.kwokctl, ["start", "cluster"]);
  if (complaint !== undefined) throw new UserError(`kwokctl cannot start the cluster: ${complaint}`);
  return ports;
}

/**
 * Has kwokctl write its set-up and start the processes. Where there has been a cluster, etcd's data and the certificates stay: only
 * the set-up, which holds the ports and the paths of the binaries, is written anew.
 */
async function create(
  layout: ClusterLayout,
  spec: Spec,
  marker: Marker | undefined,
  log: (line: string) => void,
): Promise<ClusterPorts> {
  log(marker ? "starting the cluster with a new set-up, its data kept" : "starting a cluster");
  await endProcesses(allPids(layout));
  if (existsSync(layout.formerKwokDir) && !existsSync(layout.kwokDir))
    await rename(layout.formerKwokDir, layout.kwokDir);
  if (marker) {
    await outdate(layout, marker);
    for (const path of [layout.kwokConfig, layout.binDir, layout.pidDir, layout.logDir]) {
      await rm(path, { recursive: true, force: true });
    }
  } else {
    await rm(layout.kwokDir, { recursive: true, force: true }); // whatever a killed creation has left
  }
  await mkdir(layout.kwokDir, { recursive: true });
  const ports = await freePorts();
  await writeFile(layout.inputConfig, stringify(kwokctlConfiguration(spec.binaries, ports)));
  const args = ["create", "cluster", "--kubeconfig", "", ...spec.flags];
  const complaint = await kwokctl(layout, spec.binaries.kwokctl, args);
  // Its last step, after the start, creates KWOK's CRDs and fails where the kept data hold them already.
  const kept = marker !== undefined && complaint?.includes("failed to init crds");
  if (complaint !== undefined && !kept) throw new UserError(`kwokctl cannot create the cluster: ${complaint}`);
  const [ca, cert, key] = await Promise.all(
    ["ca.crt", "admin.crt", "admin.key"].map((file) => readFile(join(layout.pkiDir, file))),
  );
  const config = stringify(kubeconfig(ports.apiserver, { ca: ca!, cert: cert!, key: key! }));
  await writeWhole(layout.kubeconfig, config, 0o600);
  await writeWhole(layout.marker, JSON.stringify({ specHash: spec.hash, ports } satisfies Marker));
  return ports;
}

/** Has the next start write kwokctl's set-up anew. */
async function outdate(layout: ClusterLayout, marker: Marker): Promise<void> {
  await writeWhole(layout.marker, JSON.stringify({ ...marker, specHash: "" } satisfies Marker));
}

/** Undefined once every process runs and the API server is ready, else what is amiss. */
async function waitReady(layout: ClusterLayout, ports: ClusterPorts): Promise<string | undefined> {
  const deadline = Date.now() + readyTimeout;
  for (;;) {
    const running = clusterProcesses(layout);
    const dead = components.filter((component) => !running.has(component));
    if (dead.length > 0 && !portTaken(layout)) throw componentsEnded(layout, dead);
    if (dead.length > 0) return `${dead.join(", ")} ended`;
    const reason = (await whyNotReady(layout.kubeconfig)) ?? (await whyNotPlaying(ports.kwok));
    if (reason === undefined) return undefined;
    if (Date.now() > deadline) return reason;
    await sleep(100);
  }
}

function allPids(layout: ClusterLayout): number[] {
  return [...clusterProcesses(layout).values()].flat().map(({ pid }) => pid);
}

async function readMarker(layout: ClusterLayout): Promise<Marker | undefined> {
  if (!existsSync(layout.marker)) return undefined;
  return JSON.parse(await readFile(layout.marker, "utf8")) as Marker;
}

async function writeWhole(file: string, content: string, mode = 0o644): Promise<void> {
  await writeFile(`${file}.partial`, content, { mode });
  await rename(`${file}.partial`, file);
}
