import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject, V1ConfigMap, V1Node, V1Pod } from "@kubernetes/client-node";
import { parseAllDocuments } from "yaml";
import { ApiError } from "../../components/cluster/apiError";
import { Api, pathOf } from "./api";
import { loadStages } from "./stages";

export { kwokctlOptions } from "./options";

/** Seconds that the simulated kubelet takes for each step of a pod. */
export interface SimulationDelays {
  /** Pulling the image. @default 2 */
  pull?: number;
  /** Downloading the model, in the init container. @default 8 */
  download?: number;
  /** Loading the model, until the probes succeed. @default 5 */
  load?: number;
  /** From SIGTERM to the end of the containers. @default 1 */
  terminate?: number;
}

/** What `simulate` sets for the new pods of one namespace; `undefined` removes a setting. */
export type SimulationSettings = { [key in keyof SimulationDelays]: number | undefined } & {
  fault?: string | undefined;
};

const believable: Required<SimulationDelays> = { pull: 2, download: 8, load: 5, terminate: 1 };

/** In milliseconds: far beyond what a step takes, so that only one that hangs is given up, and none because the machine is busy. */
const patience = 300_000;

const settingsMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", namespace: "simulation" } };

/** Every object of `objects/`, in the order in which they are read. */
export function loadObjects(): KubernetesObject[] {
  const folder = join(__dirname, "objects");
  return readdirSync(folder)
    .sort()
    .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), "utf8")))
    .map((document) => {
      if (document.errors[0]) throw document.errors[0];
      return document.toJS() as KubernetesObject;
    });
}

/**
 * Makes a bare kwokctl cluster look like OpenShift with a GPU node. Idempotent.
 * @param kubeconfig path of the cluster's kubeconfig
 * @param delays what new pods take; left out, settings that exist already are kept
 */
export async function installSimulation(kubeconfig: string, delays?: SimulationDelays): Promise<void> {
  const api = connect(kubeconfig);
  const objects = loadObjects();
  const first = ["Namespace", "CustomResourceDefinition"];
  await Promise.all(objects.filter(({ kind = "" }) => first.includes(kind)).map((object) => api.apply(object)));
  await writeDefaults(api, delays);
  const rest = objects.filter(({ kind = "" }) => !first.includes(kind));
  const stages = loadStages();
  await Promise.all([...rest, ...stages].map((object) => api.apply(object)));
  await removeStages(api, new Set(stages.map(({ metadata }) => metadata?.name)));
  const nodes = objects.filter(({ kind }) => kind === "Node");
  await Promise.all(nodes.map((node) => api.apply(statusOf(node as V1Node), "status")));
  await untilInForce(api);
}

/**
 * Starts the simulation's process (`server.ts`) beside the control plane, and returns when it serves and the rules are in force. It outlives the caller; end
 * it with SIGTERM. One per cluster.
 * @param logFile what it prints, overwritten
 * @returns its process id
 */
export async function startSimulationServer(kubeconfig: string, logFile: string): Promise<number> {
  const log = openSync(logFile, "w");
  const child = spawn(
    process.execPath,
    ["-r", require.resolve("ts-node/register/transpile-only"), join(__dirname, "server.ts"), resolve(kubeconfig)],
    { cwd: join(__dirname, "..", ".."), detached: true, stdio: ["ignore", log, log] },
  );
  closeSync(log);
  let failure: string | undefined;
  child.on("error", (error) => (failure = error.message));
  child.on("exit", (code, signal) => (failure = `it ended with ${signal ?? `exit code ${code}`}`));
  child.unref();
  const deadline = Date.now() + patience;
  while (!readFileSync(logFile, "utf8").includes(" serving ")) {
    if (failure === undefined && Date.now() > deadline) {
      child.kill();
      failure = `it does not serve after ${patience / 1000} s`;
    }
    if (failure !== undefined) {
      const end = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-10).join("\n");
      throw new Error(`the simulation's process did not start: ${failure}; ${logFile} ends with\n${end}`);
    }
    await sleep(50);
  }
  const api = connect(kubeconfig);
  await untilInForce(api);
  await refreshStages(api);
  return child.pid!;
}

/** Sets what the simulated kubelet does with the new pods of a namespace, which need not exist yet, and waits until it is in force. */
export async function simulate(kubeconfig: string, namespace: string, settings: SimulationSettings): Promise<void> {
  const api = connect(kubeconfig);
  const entries = Object.entries(settings);
  const data = Object.fromEntries(entries.map(([key, value]) => [`${namespace}.${key}`, value?.toString() ?? null]));
  // Settings come into force together, so a mark of this change tells it; whoever changes them meanwhile leaves a mark of their own.
  await api.merge(pathOf(settingsMap), { data: { ...data, [markKey]: String(Math.random()) } });
  await until(`the simulation's settings of namespace ${namespace}`, async () => {
    const { data: current } = await api.get<V1ConfigMap>(pathOf(settingsMap));
    return (await stamps(api, "simulation"))["simulation/load-seconds"] === current?.[markKey];
  });
}

/** A setting of the simulation's own namespace, where no pod is ever made. */
const markKey = "simulation.load";

function connect(kubeconfig: string): Api {
  return new Api(kubeconfig);
}

async function writeDefaults(api: Api, delays?: SimulationDelays): Promise<void> {
  const defaults = Object.entries({ ...believable, ...delays });
  const data = Object.fromEntries(defaults.map(([key, value]) => [`default.${key}`, String(value)]));
  try {
    await api.create("/api/v1/namespaces/simulation/configmaps", { ...settingsMap, data });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    if (delays !== undefined) await api.merge(pathOf(settingsMap), { data });
  }
}

/** A Stage that an earlier version of this program has left would play on beside those of this one. */
async function removeStages(api: Api, current: Set<string | undefined>): Promise<void> {
  const { items } = await api.list<KubernetesObject>("/apis/kwok.x-k8s.io/v1alpha1/stages");
  const stale = items.filter(({ metadata }) => !current.has(metadata?.name));
  await Promise.all(stale.map(({ metadata }) => api.remove(`/apis/kwok.x-k8s.io/v1alpha1/stages/${metadata?.name}`)));
}

/**
 * Has KWOK, whose controllers run, look at the Stages once more. When it starts it may look at its list of them while it still fills, and keeps
 * what it saw until one changes: pods then stay as they are, for want of the Stage that they wait for.
 * https://github.com/kubernetes-sigs/kwok/blob/v0.7.0/pkg/config/resources/cache.go
 */
async function refreshStages(api: Api): Promise<void> {
  const change = { metadata: { annotations: { "simulation/refreshed": String(Math.random()) } } };
  const [stage] = loadStages();
  await api.merge(pathOf(stage!), change);
  // It looks at a pod only when that changes.
  const { items } = await api.list<V1Pod>("/api/v1/pods");
  const waiting = items.filter(({ status }) => status?.phase === "Pending");
  await Promise.all(
    waiting.map(async (pod) => {
      try {
        await api.merge(pathOf({ ...pod, apiVersion: "v1", kind: "Pod" }), change);
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404) throw error; // deleted meanwhile
      }
    }),
  );
}

/** The part of a node that only its `status` subresource accepts. */
function statusOf({ apiVersion, kind, metadata, status }: V1Node): KubernetesObject {
  return { apiVersion, kind, metadata: { name: metadata?.name }, status } as KubernetesObject;
}

/** Admission rules are read from a watch: they are in force a moment after they exist, or after the API server has started. */
async function untilInForce(api: Api): Promise<void> {
  await until(
    "the simulation's settings",
    async () => (await stamps(api, "default"))["simulation/fault"] !== undefined,
  );
  await until("the generated hosts of Routes", () => hostGenerated(api));
}

/** What a pod made now would carry: asked with a dry run, of a pod that every rule admits. */
async function stamps(api: Api, namespace: string): Promise<Record<string, string>> {
  const pod = await api.create<V1Pod>(`/api/v1/namespaces/${namespace}/pods?dryRun=All`, {
    metadata: { generateName: "simulation-" },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "none",
          image: "none",
          resources: { limits: { cpu: "1m", memory: "1Mi" } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  });
  return pod.metadata?.annotations ?? {};
}

async function hostGenerated(api: Api): Promise<boolean> {
  const route = await api.create<{ spec: { host?: string } }>(
    "/apis/route.openshift.io/v1/namespaces/default/routes?dryRun=All",
    { apiVersion: "route.openshift.io/v1", kind: "Route", metadata: { name: "none" }, spec: { to: { name: "none" } } },
  );
  return route.spec.host !== undefined;
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + patience;
  let reason: unknown;
  while (Date.now() < deadline) {
    try {
      if (await check()) return;
      reason = undefined;
    } catch (error) {
      reason = error;
    }
    await sleep(50);
  }
  throw new Error(`${what} did not take effect within ${patience / 1000} s`, { cause: reason });
}
