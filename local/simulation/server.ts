/**
 * The part of the simulation that KWOK's Stages cannot play: a process beside the control plane that is the router, the volume
 * provisioner, and the voice of the kubelets (container logs, events, missing Secrets). See README.md beside it for what it is not.
 *
 * Usage: server.ts KUBECONFIG. Prints a line for what goes wrong; ends with 0 on SIGTERM and SIGINT.
 */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type {
  V1ConfigMap,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1Secret,
  V1StorageClass,
} from "@kubernetes/client-node";
import { ApiError } from "../../components/cluster/apiError";
import { Api, pathOf } from "./api";
import { blockedEvents, eventsBetween, unhealthy } from "./events";
import { serveLogs } from "./kubelet";
import { annotationsFor, checkFault, declaresMissing, type Existing, type RuntimeClass } from "./pods";
import { Recorder } from "./recorder";
import { admitRoutes, type Route } from "./routes";
import { reconcileVolumes } from "./volumes";
import { adminOf } from "./transport";
import { byKey, coalesce, Watched } from "./watch";

const log = (line: string): void => console.log(`${new Date().toISOString()} ${line}`);

async function main(kubeconfig: string): Promise<void> {
  const api = new Api(kubeconfig);
  const recorder = new Recorder(api, log);
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.abort());

  /** When an event that repeats was last written, by `<uid of the pod>/<reason>`. */
  const last = new Map<string, number>();

  const admit = coalesce("routes", () => admitRoutes(api, routes.items.values(), faultOf), log);
  const store = coalesce(
    "volumes",
    () => reconcileVolumes(api, { classes: classes.items, claims: claims.items, volumes: volumes.items }),
    log,
  );
  const look = coalesce("pods", () => annotatePods(), log);
  const everything = (): void => (admit(), look());

  const settings = new Watched<V1ConfigMap>(api, "/api/v1/namespaces/simulation/configmaps", warnOfFaults, log);
  const routes = new Watched<Route>(api, "/apis/route.openshift.io/v1/routes", admit, log);
  const classes = new Watched<V1StorageClass>(api, "/apis/storage.k8s.io/v1/storageclasses", store, log);
  const claims = new Watched<V1PersistentVolumeClaim>(api, "/api/v1/persistentvolumeclaims", store, log);
  const volumes = new Watched<V1PersistentVolume>(api, "/api/v1/persistentvolumes", store, log);
  const secrets = new Watched<V1Secret>(api, "/api/v1/secrets", look, log);
  const configMaps = new Watched<V1ConfigMap>(api, "/api/v1/configmaps", look, log);
  const runtimeClasses = new Watched<RuntimeClass>(api, "/apis/node.k8s.io/v1/runtimeclasses", look, log);
  const pods = new Watched<V1Pod>(api, "/api/v1/pods", onPod, log);
  const nodes = new Watched<V1Node>(api, "/api/v1/nodes", publishPort, log);

  function faultOf(namespace: string): string | undefined {
    return settings.get("simulation", "settings")?.data?.[`${namespace}.fault`];
  }

  function warnOfFaults(now: V1ConfigMap | undefined): void {
    for (const [key, value] of Object.entries(now?.data ?? {})) {
      const problem = key.endsWith(".fault") ? checkFault(value) : undefined;
      if (problem !== undefined) log(`settings, ${key}: ${problem}`);
    }
    everything();
  }

  function onPod(now: V1Pod | undefined, before: V1Pod | undefined): void {
    if (now === undefined) {
      if (before) recorder.forget(before);
      for (const key of last.keys()) if (key.startsWith(`${before?.metadata?.uid}/`)) last.delete(key);
      return;
    }
    if (pods.synced) recorder.record(now, eventsBetween(before, now));
    look();
  }

  async function annotatePods(): Promise<void> {
    if (![secrets, configMaps, runtimeClasses, settings].every(({ synced }) => synced)) return;
    const now = settings.get("simulation", "settings");
    const seen = {
      secrets: secrets.items,
      configMaps: configMaps.items,
      runtimeClasses: runtimeClasses.items,
      settings: now,
    };
    await Promise.all(
      [...pods.items.values()].map(async (pod) => {
        let annotations = annotationsFor(pod, seen);
        // A kubelet asks for what a pod refers to; a watch may bring the pod before the Secret that was made before it.
        if (annotations && declaresMissing(annotations)) annotations = annotationsFor(pod, await ask(pod, now));
        if (annotations === undefined) return;
        try {
          await api.merge(pathOf({ kind: "Pod", metadata: pod.metadata! }), { metadata: { annotations } });
        } catch (error) {
          if (!(error instanceof ApiError) || error.status !== 404) throw error; // the pod has gone meanwhile
        }
      }),
    );
  }

  async function ask(pod: V1Pod, now: V1ConfigMap | undefined): Promise<Existing> {
    const place = `/api/v1/namespaces/${pod.metadata?.namespace}`;
    const [ofSecrets, ofMaps, ofClasses] = await Promise.all([
      api.list<V1Secret>(`${place}/secrets`),
      api.list<V1ConfigMap>(`${place}/configmaps`),
      api.list<RuntimeClass>("/apis/node.k8s.io/v1/runtimeclasses"),
    ]);
    return {
      secrets: byKey(ofSecrets.items),
      configMaps: byKey(ofMaps.items),
      runtimeClasses: byKey(ofClasses.items),
      settings: now,
    };
  }

  const { cert, key } = adminOf(kubeconfig);
  const { server, port } = await serveLogs({ cert, key }, (namespace, name) => pods.get(namespace, name));

  /** Tells the API server where the node's kubelet listens, whenever the node says otherwise. */
  function publishPort(node: V1Node | undefined): void {
    if (!node || node.metadata?.annotations?.["kwok.x-k8s.io/node"] !== "fake") return;
    if (node.status?.daemonEndpoints?.kubeletEndpoint?.Port === port) return;
    const status = { daemonEndpoints: { kubeletEndpoint: { Port: port } } };
    const path = pathOf({ kind: "Node", metadata: { name: node.metadata.name! } });
    api
      .merge(`${path}/status`, { status })
      .catch((error: unknown) => log(`node ${node.metadata?.name}: ${String(error)}`));
  }

  const repeat = setInterval(() => {
    if (!existsSync(kubeconfig)) stop.abort(); // the cluster's folder has been deleted: nobody will end this process
    const now = Date.now();
    for (const pod of pods.items.values()) {
      const failing = unhealthy(pod);
      const [events, seconds] = failing ? [[failing.event], failing.everySeconds] : [blockedEvents(pod), 12];
      const key = `${pod.metadata?.uid}/${events[0]?.reason}`;
      const since =
        last.get(key) ??
        (failing ? new Date(pod.status!.containerStatuses![0]!.state!.running!.startedAt!).getTime() : 0);
      if (events.length === 0 || now - since < seconds * 1000) continue;
      last.set(key, now);
      recorder.record(pod, events);
    }
  }, 500);

  const all = [settings, routes, classes, claims, volumes, secrets, configMaps, runtimeClasses, pods, nodes];
  const running = Promise.all(all.map((watched) => watched.run(stop.signal)));
  while (!all.every(({ synced }) => synced) && !stop.signal.aborted) await sleep(20);
  log(`kubelet port ${port}; serving logs, events, volumes and routes`);
  await running;
  clearInterval(repeat);
  server.closeAllConnections();
  log("stopped");
}

const [kubeconfig] = process.argv.slice(2);
if (kubeconfig === undefined) {
  console.error("usage: server.ts KUBECONFIG");
  process.exitCode = 64;
} else {
  main(kubeconfig).then(
    () => process.exit(0), // a connection that is being closed would hold the process
    (error: unknown) => {
      log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      process.exit(1);
    },
  );
}
