/**
 * What a cluster has beside its nodes: the router's configuration, the provisioner of volumes, and the GPU that the node is said to have.
 * A process of the machine, not of the cell: it outlives restarts of the node.
 *
 * Usage: server.ts STATE_DIR. Prints a line for what goes wrong; ends on SIGTERM, and when the cluster's kubeconfig has gone.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type {
  V1EndpointSlice,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Service,
  V1StorageClass,
} from "@kubernetes/client-node";
import { clusterLayout } from "../cluster/spec";
import { Api, pathOf } from "../simulation/api";
import { admitRoutes } from "../simulation/routes";
import { coalesce, Watched } from "../simulation/watch";
import { cellPid } from "./cell";
import { Disks } from "./disks";
import { nodeLayout } from "./layout";
import { nodeNetwork } from "./network";
import { appsDomain, gpuCount, nodeName, routerFiles, routerProgram } from "./programs";
import { type Route, routerConfig } from "./router/config";
import { nodeProcesses } from "./runner";
import { reconcileDisks } from "./volumes";

const log = (line: string): void => console.log(`${new Date().toISOString()} ${line}`);

async function main(stateDir: string): Promise<void> {
  const { kubeconfig } = clusterLayout(stateDir);
  const layout = nodeLayout(stateDir);
  const network = nodeNetwork(layout.dir);
  const files = routerFiles(layout);
  const api = new Api(kubeconfig);
  const disks = new Disks(layout, () => cellPid(layout));
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.abort());

  const route = coalesce("routes", () => configureRouter(), log);
  const store = coalesce(
    "volumes",
    () => reconcileDisks(api, { classes: classes.items, claims: claims.items, volumes: volumes.items }, disks),
    log,
  );
  const routes = new Watched<Route>(api, "/apis/route.openshift.io/v1/routes", route, log);
  const services = new Watched<V1Service>(api, "/api/v1/services", route, log);
  const slices = new Watched<V1EndpointSlice>(api, "/apis/discovery.k8s.io/v1/endpointslices", route, log);
  const classes = new Watched<V1StorageClass>(api, "/apis/storage.k8s.io/v1/storageclasses", store, log);
  const claims = new Watched<V1PersistentVolumeClaim>(api, "/api/v1/persistentvolumeclaims", store, log);
  const volumes = new Watched<V1PersistentVolume>(api, "/api/v1/persistentvolumes", store, log);
  const nodes = new Watched<V1Node>(api, "/api/v1/nodes", pretendGpu, log);
  const all = [routes, services, slices, classes, claims, volumes, nodes];

  async function configureRouter(): Promise<void> {
    if (![routes, services, slices].every(({ synced }) => synced)) return;
    await admitRoutes(api, routes.items.values(), () => undefined);
    const admitted = [...routes.items.values()].filter(({ status }) =>
      status?.ingress?.[0]?.conditions.some(({ type, status: is }) => type === "Admitted" && is === "True"),
    );
    const hosts = [...new Set(admitted.map(({ spec }) => spec.host ?? ""))].sort();
    writeHosts(hosts);
    const text = routerConfig({
      address: network.node,
      certificate: files.certificate,
      unavailable: files.unavailable,
      routes: admitted,
      services: [...services.items.values()],
      slices: [...slices.items.values()],
    });
    if (text === readFileSync(files.config, "utf8")) return;
    writeFileSync(files.config, text);
    const cell = cellPid(layout);
    const pid = cell && nodeProcesses(cell, [routerProgram(layout)]).get(routerProgram(layout).name);
    if (pid) process.kill(pid, "SIGUSR2"); // HAProxy's master: new workers, and the old ones end with their last connection
  }

  /** In place: whoever has mounted this file over /etc/hosts sees it change. */
  function writeHosts(hosts: readonly string[]): void {
    const own = readFileSync("/etc/hosts", "utf8").trimEnd();
    const text = `${own}\n${hosts.map((host) => `${network.node} ${host}\n`).join("")}`;
    if (!existsSync(layout.hosts) || readFileSync(layout.hosts, "utf8") !== text) writeFileSync(layout.hosts, text);
  }

  /** What a device plugin would report. */
  function pretendGpu(node: V1Node | undefined): void {
    const { capacity, allocatable } = node?.status ?? {};
    if (node?.metadata?.name !== nodeName) return;
    const gpus = { "nvidia.com/gpu": String(gpuCount) };
    if ([capacity, allocatable].every((has) => has?.["nvidia.com/gpu"] === gpus["nvidia.com/gpu"])) return;
    const path = `${pathOf({ kind: "Node", metadata: { name: nodeName } })}/status`;
    api.merge(path, { status: { capacity: gpus, allocatable: gpus } }).catch((error: unknown) => log(String(error)));
  }

  // The cell may have been started anew without any change in the API: its disks are to be mounted again.
  let cell = cellPid(layout);
  const repeat = setInterval(() => {
    if (!existsSync(kubeconfig)) stop.abort();
    const now = cellPid(layout);
    if (now !== cell) store();
    cell = now;
  }, 500);
  const running = Promise.all(all.map((watched) => watched.run(stop.signal)));
  while (!all.every(({ synced }) => synced) && !stop.signal.aborted) await sleep(20);
  log(`serving routes of ${appsDomain}, volumes and a GPU`);
  await running;
  clearInterval(repeat);
  log("stopped");
}

main(process.argv[2]!).then(
  () => process.exit(0),
  (error: unknown) => {
    log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  },
);
