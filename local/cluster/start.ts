import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { stringify } from "yaml";
import { UserError } from "../errors";
import { withLock } from "../lock.mjs";
import { endProcesses } from "../processes";
import { kwokctlOptions } from "../simulation/options";
import { resolveTools, type ToolName } from "../toolchain";
import { whyNotReady } from "./api";
import { freePorts } from "./ports";
import { clusterProcesses, kwokctlPids, logTails, repairPidFiles } from "./processes";
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
}: {
  stateDir: string;
  log?: (line: string) => void;
}): Promise<Cluster> {
  const layout = clusterLayout(stateDir);
  const binaries = await resolveTools(log);
  const flags = kwokctlOptions();
  const hash = specHash(binaries, flags);
  return withLock(
    layout.lock,
    async () => {
      const healthy = await isHealthy(layout, hash);
      if (!healthy) await bringUp(layout, { binaries, flags, hash }, log);
      await ensureSimulation(layout, log, healthy);
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

async function bringUp(layout: ClusterLayout, spec: Spec, log: (line: string) => void): Promise<void> {
  await endProcesses(kwokctlPids(layout)); // one that a killed run has left half-way
  for (let attempt = 1; ; attempt++) {
    const marker = await readMarker(layout);
    if (marker && marker.specHash === spec.hash) {
      log("starting the cluster again");
      repairPidFiles(layout);
      await kwokctl(layout, spec, ["start", "cluster"]);
    } else {
      await create(layout, spec, marker !== undefined, log);
    }
    const failure = await waitReady(layout);
    if (failure === undefined) return;
    const logs = logTails(layout, components, 20);
    await endProcesses(allPids(layout));
    if (/address already in use/i.test(logs) && attempt < attempts) {
      log("another program has taken a port; trying with other ports");
      // The data stay: only kwokctl's set-up, which holds the ports, is written anew.
      if (marker) await writeFile(layout.marker, JSON.stringify({ ...marker, specHash: "ports" }));
      continue;
    }
    throw new UserError(`The cluster did not become ready: ${failure}\n${logTails(layout, components)}`);
  }
}

/** Has kwokctl write its set-up and start the processes. `keepData`: etcd's data and the certificates of an earlier set-up stay. */
async function create(
  layout: ClusterLayout,
  spec: Spec,
  keepData: boolean,
  log: (line: string) => void,
): Promise<void> {
  log(keepData ? "starting the cluster with a new set-up, its data kept" : "starting a cluster");
  await endProcesses(allPids(layout));
  if (keepData) {
    await rm(layout.kwokConfig, { force: true });
    await rm(join(layout.workDir, "bin"), { recursive: true, force: true });
    await rm(layout.pidDir, { recursive: true, force: true });
  } else {
    await rm(layout.kwokDir, { recursive: true, force: true }); // whatever a killed creation has left
  }
  await mkdir(layout.kwokDir, { recursive: true });
  const ports = await freePorts();
  await writeFile(layout.inputConfig, stringify(kwokctlConfiguration(spec.binaries, ports)));
  await kwokctl(layout, spec, ["create", "cluster", "--kubeconfig", "", ...spec.flags]);
  const [ca, cert, key] = await Promise.all(
    ["ca.crt", "admin.crt", "admin.key"].map((file) => readFile(join(layout.pkiDir, file))),
  );
  await writeWhole(
    layout.kubeconfig,
    stringify(kubeconfig(ports.apiserver, { ca: ca!, cert: cert!, key: key! })),
    0o600,
  );
  await writeWhole(layout.marker, JSON.stringify({ specHash: spec.hash, ports } satisfies Marker));
}

async function kwokctl(layout: ClusterLayout, spec: Spec, args: string[]): Promise<void> {
  const result = await execa(spec.binaries.kwokctl, ["--name", clusterName, "--config", layout.inputConfig, ...args], {
    env: { ...process.env, KWOK_WORKDIR: layout.kwokDir },
    extendEnv: false,
    all: true,
    reject: false,
    // A Ctrl-C in the terminal must not stop it half-way.
    detached: true,
  });
  if (result.exitCode !== 0) {
    throw new UserError(`kwokctl ${args[0]} failed: ${result.all.trim().split("\n").slice(-5).join("\n")}`);
  }
}

/** Undefined once every process runs and the API server is ready, else what is amiss. */
async function waitReady(layout: ClusterLayout): Promise<string | undefined> {
  const deadline = Date.now() + readyTimeout;
  for (;;) {
    const running = clusterProcesses(layout);
    const dead = components.filter((component) => !running.has(component));
    if (dead.length > 0) return `${dead.join(", ")} ended`;
    const reason = await whyNotReady(layout.kubeconfig);
    if (reason === undefined) return undefined;
    if (Date.now() > deadline) return reason;
    await sleep(100);
  }
}

function allPids(layout: ClusterLayout): number[] {
  return [...clusterProcesses(layout).values()].flat().map(({ pid }) => pid);
}

async function readMarker(layout: ClusterLayout): Promise<Marker | undefined> {
  if (!existsSync(layout.marker) || !existsSync(layout.kwokConfig)) return undefined;
  return JSON.parse(await readFile(layout.marker, "utf8")) as Marker;
}

async function writeWhole(file: string, content: string, mode = 0o644): Promise<void> {
  await writeFile(`${file}.partial`, content, { mode });
  await rename(`${file}.partial`, file);
}
