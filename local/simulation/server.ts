/**
 * The part of the simulation that KWOK's Stages cannot play: a process beside the control plane that is the router, the volume
 * provisioner, and the voice of the kubelets (container logs, events, missing Secrets).
 *
 * Usage: server.ts KUBECONFIG. Prints one line per thing that happens; ends with 0 on SIGTERM and SIGINT.
 */
import {
  KubeConfig,
  type V1ConfigMap,
  type V1PersistentVolume,
  type V1PersistentVolumeClaim,
  type V1StorageClass,
} from "@kubernetes/client-node";
import { Api } from "./api";
import { admitRoutes, type Route } from "./routes";
import { reconcileVolumes } from "./volumes";
import { coalesce, Watched } from "./watch";

const log = (line: string): void => console.log(`${new Date().toISOString()} ${line}`);

async function main(kubeconfig: string): Promise<void> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = new Api(config);
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.abort());

  const route = coalesce("routes", () => admitRoutes(api, routes.items.values(), faultOf), log);
  const routes = new Watched<Route>(api, "/apis/route.openshift.io/v1/routes", route, log);
  const settings = new Watched<V1ConfigMap>(api, "/api/v1/namespaces/simulation/configmaps", route, log);
  const faultOf = (namespace: string): string | undefined =>
    settings.get("simulation", "settings")?.data?.[`${namespace}.fault`];

  const store = coalesce(
    "volumes",
    () => reconcileVolumes(api, { classes: classes.items, claims: claims.items, volumes: volumes.items }),
    log,
  );
  const classes = new Watched<V1StorageClass>(api, "/apis/storage.k8s.io/v1/storageclasses", store, log);
  const claims = new Watched<V1PersistentVolumeClaim>(api, "/api/v1/persistentvolumeclaims", store, log);
  const volumes = new Watched<V1PersistentVolume>(api, "/api/v1/persistentvolumes", store, log);

  log("serving routes and volumes");
  await Promise.all([routes, settings, classes, claims, volumes].map((watched) => watched.run(stop.signal)));
  log("stopped");
}

const [kubeconfig] = process.argv.slice(2);
if (kubeconfig === undefined) {
  console.error("usage: server.ts KUBECONFIG");
  process.exitCode = 64;
} else {
  main(kubeconfig).then(
    () => process.exit(0), // a watch that is being closed would hold the process
    (error: unknown) => {
      log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      process.exit(1);
    },
  );
}
