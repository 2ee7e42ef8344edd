import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ToolName } from "../toolchain";
import { versions } from "../versions";

/** kwokctl's name for the cluster; every clone has a work folder of its own, so that one name is enough. */
export const clusterName = "local";

/** The processes of the control plane, in the order in which they start. */
export const components = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok-controller",
] as const;

/** Where a cluster keeps its files. */
export interface ClusterLayout {
  /** HOME of kwokctl, which keeps all that it has in the folder `.kwok` there. KWOK_WORKDIR would name another, but is read only up to its first blank. */
  kwokHome: string;
  kwokDir: string;
  /** The same before it was found by HOME: a cluster of an earlier version of this program lies here. */
  formerKwokDir: string;
  /** The cluster's own folder in it: pki, etcd's data, logs. */
  workDir: string;
  pkiDir: string;
  /** Links to the binaries, by which this cluster's processes are known. */
  binDir: string;
  logDir: string;
  pidDir: string;
  /** What kwokctl itself writes last of all its set-up. */
  kwokConfig: string;
  /** What we hand to kwokctl. */
  inputConfig: string;
  /** Written once the cluster has been created whole. */
  marker: string;
  kubeconfig: string;
  /** Says which simulation is installed. */
  simulationMarker: string;
  simulationLog: string;
  /** What a real node keeps; there from its first start on. */
  nodeDir: string;
  lock: string;
}

export function clusterLayout(stateDir: string): ClusterLayout {
  const clusterDir = join(stateDir, "cluster");
  const kwokDir = join(clusterDir, ".kwok");
  const workDir = join(kwokDir, "clusters", clusterName);
  return {
    kwokHome: clusterDir,
    kwokDir,
    formerKwokDir: join(clusterDir, "kwok"),
    workDir,
    pkiDir: join(workDir, "pki"),
    binDir: join(workDir, "bin"),
    logDir: join(workDir, "logs"),
    pidDir: join(workDir, "pids"),
    kwokConfig: join(workDir, "kwok.yaml"),
    inputConfig: join(clusterDir, "kwokctl.yaml"),
    marker: join(clusterDir, "created.json"),
    kubeconfig: join(stateDir, "kubeconfig"),
    simulationMarker: join(clusterDir, "simulation"),
    simulationLog: join(clusterDir, "simulation.log"),
    nodeDir: join(stateDir, "node"),
    lock: join(clusterDir, "lock"),
  };
}

/** True where this cluster has a real node, whether it runs or not. */
export const isReal = (stateDir: string): boolean => existsSync(clusterLayout(stateDir).nodeDir);

/** The port of each process, all on the loopback interface. */
export interface ClusterPorts {
  etcd: number;
  etcdPeer: number;
  apiserver: number;
  controllerManager: number;
  scheduler: number;
  kwok: number;
}

export const portNames = ["etcd", "etcdPeer", "apiserver", "controllerManager", "scheduler", "kwok"] as const;

/** The configuration that kwokctl takes: https://kwok.sigs.k8s.io/docs/generated/apis/#config.kwok.x-k8s.io/v1alpha1.KwokctlConfiguration */
export function kwokctlConfiguration(binaries: Record<ToolName, string>, ports: ClusterPorts): Record<string, unknown> {
  return {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: {
      runtime: "binary",
      // kwokctl's default is every interface, and its etcd asks for no credentials.
      bindAddress: "127.0.0.1",
      kubeVersion: `v${versions.kubernetes}`,
      kwokVersion: `v${versions.kwok}`,
      kubeApiserverPort: ports.apiserver,
      kubeControllerManagerPort: ports.controllerManager,
      kubeSchedulerPort: ports.scheduler,
      kwokControllerPort: ports.kwok,
      etcdPort: ports.etcd,
      etcdPeerPort: ports.etcdPeer,
      etcdBinary: binaries.etcd,
      kubeApiserverBinary: binaries["kube-apiserver"],
      kubeControllerManagerBinary: binaries["kube-controller-manager"],
      kubeSchedulerBinary: binaries["kube-scheduler"],
      kubectlBinary: binaries.kubectl,
      kwokControllerBinary: binaries.kwok,
      kubeAuthorization: true,
      kubeAdmission: true,
      disableQPSLimits: true,
    },
  };
}

/** A fingerprint of all that a restart would not change by itself: what differs makes kwokctl write its set-up anew. Its files hold whole paths. */
export function specHash(binaries: Record<ToolName, string>, flags: string[], workDir: string): string {
  const content = JSON.stringify([Object.entries(binaries).sort(), flags, workDir]);
  return createHash("sha256").update(content).digest("hex");
}

/** A kubeconfig that needs no other file. */
export function kubeconfig(port: number, pki: { ca: Buffer; cert: Buffer; key: Buffer }): Record<string, unknown> {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": clusterName,
    clusters: [
      {
        name: clusterName,
        cluster: {
          server: `https://127.0.0.1:${port}`,
          "certificate-authority-data": pki.ca.toString("base64"),
        },
      },
    ],
    users: [
      {
        name: clusterName,
        user: {
          "client-certificate-data": pki.cert.toString("base64"),
          "client-key-data": pki.key.toString("base64"),
        },
      },
    ],
    contexts: [{ name: clusterName, context: { cluster: clusterName, user: clusterName } }],
  };
}
