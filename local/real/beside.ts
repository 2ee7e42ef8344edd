/** The objects of a cluster with a real node, and the process beside it (server.ts). */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, globSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject } from "@kubernetes/client-node";
import { parseAllDocuments } from "yaml";
import { UserError } from "../../shared/errors";
import { endProcesses, runningProcesses } from "../../shared/processes";
import { repositoryRoot } from "../paths";
import { Api } from "../simulation/api";
import { type NodeLayout, nodeLayout } from "./layout";
import { dnsService, type NodeNetwork, nodeNetwork } from "./network";

const script = join(__dirname, "server.ts");
const simulated = join(__dirname, "..", "simulation", "objects");
/** The same as on the simulated cluster, and those of the real one alone. */
const objectFiles = [
  join(simulated, "route.yaml"),
  join(simulated, "scc.yaml"),
  join(__dirname, "objects", "scc-defaults.yaml"),
  join(__dirname, "objects", "storage.yaml"),
];

/** Every object besides the deployment's, in the order in which they are applied. */
export function nodeObjects(network: NodeNetwork): KubernetesObject[] {
  const fromFiles = objectFiles.flatMap((file) =>
    parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS() as KubernetesObject),
  );
  return [...fromFiles, ...nameServer(network)];
}

/** CoreDNS is a program of the node, not a pod: a Service without a selector leads to it. */
function nameServer({ node }: NodeNetwork): (KubernetesObject & Record<string, unknown>)[] {
  const ports = [
    { name: "dns", port: 53, protocol: "UDP" },
    { name: "dns-tcp", port: 53, protocol: "TCP" },
  ];
  const namespace = "kube-system";
  const labels = { "kubernetes.io/service-name": "kube-dns" };
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kube-dns", namespace },
      spec: { clusterIP: dnsService, ports },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "kube-dns-node", namespace, labels },
      addressType: "IPv4",
      endpoints: [{ addresses: [node] }],
      ports,
    },
  ];
}

/** Applies the objects, and sees to it that the process runs, of this very code. */
export async function ensureBeside(stateDir: string, kubeconfig: string, log: (line: string) => void): Promise<void> {
  const layout = nodeLayout(stateDir);
  const objects = nodeObjects(nodeNetwork(layout.dir));
  const marker = join(layout.dir, "beside");
  const wanted = fingerprint(kubeconfig);
  const installed = readMarker(marker);
  if (installed === wanted && besidePids(stateDir).length === 1) return;
  log("installing what the cluster has besides: Routes, SCCs, a storage class, a name server");
  await stopBeside(stateDir);
  const api = new Api(kubeconfig);
  for (const object of objects) await api.apply(object);
  await startBeside(stateDir, layout);
  writeFileSync(marker, wanted);
}

function readMarker(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function fingerprint(kubeconfig: string): string {
  const hash = createHash("sha256").update(readFileSync(kubeconfig));
  for (const file of globSync("local/{real,simulation}/**/*.{ts,yaml}", { cwd: repositoryRoot }).sort()) {
    hash.update(file).update(readFileSync(join(repositoryRoot, file)));
  }
  return hash.digest("hex");
}

/** Known by its command line, which names this cluster's folder; the script's is another where the clone has been moved. */
export function besidePids(stateDir: string): number[] {
  const mark = `/${relative(repositoryRoot, script)} ${stateDir} `;
  return runningProcesses().flatMap(({ pid, command }) => (`${command} `.includes(mark) ? [pid] : []));
}

export async function stopBeside(stateDir: string): Promise<number> {
  const pids = besidePids(stateDir);
  await endProcesses(pids);
  return pids.length;
}

async function startBeside(stateDir: string, layout: NodeLayout): Promise<void> {
  const log = openSync(layout.serverLog, "w");
  const child = spawn(process.execPath, ["-r", require.resolve("ts-node/register/transpile-only"), script, stateDir], {
    cwd: repositoryRoot,
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.unref();
  let ended = false;
  child.on("exit", () => (ended = true));
  const deadline = Date.now() + 60_000;
  while (!readFileSync(layout.serverLog, "utf8").includes(" serving ")) {
    if (ended || Date.now() > deadline) {
      const tail = readFileSync(layout.serverLog, "utf8").trimEnd().split("\n").slice(-10).join("\n");
      throw new UserError(`the process beside the node did not start; ${layout.serverLog} ends with\n${tail}`);
    }
    await sleep(50);
  }
}
