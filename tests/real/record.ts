/**
 * Gives a running `npm run local -- --real` one fault after another and records what the kubelet and the API say of it: every status that the
 * pod has had, the events, the ends of the logs, the node's conditions. `record.ts STATE_DIR [FAULT …]` writes tests/recorded/node/FAULT.json.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CoreV1Event, V1ContainerStatus, V1Deployment, V1Node, V1Pod } from "@kubernetes/client-node";
import { execa } from "execa";
import { clusterLayout } from "../../local/cluster/spec";
import { cellPid, inCell } from "../../local/real/cell";
import { nodeLayout } from "../../local/real/layout";
import { nodeName } from "../../local/real/programs";
import { runningProcesses } from "../../shared/processes";
import { appended, type RealFault, realFaults } from "./faults";

const namespace = "vllm-inference";
const patience = Number(process.env["RECORD_SECONDS"] ?? 420) * 1000;
const [stateDir = "", ...names] = process.argv.slice(2);
const kubeconfig = clusterLayout(path.resolve(stateDir)).kubeconfig;
const layout = nodeLayout(path.resolve(stateDir));

async function kubectl(...args: string[]): Promise<string> {
  return (await execa("kubectl", ["--kubeconfig", kubeconfig, "--namespace", namespace, ...args])).stdout;
}

const get = async <T>(...args: string[]): Promise<T> => JSON.parse(await kubectl("get", ...args, "--output=json")) as T;

async function inNode(line: string): Promise<void> {
  const [file, ...args] = inCell(cellPid(layout)!, ["sh", "-c", line]) as [string, ...string[]];
  await execa(file, args, { reject: false }); // filling a volume ends with an error, as it should
}

/** The patch with what is to be appended after the container's own arguments. */
function completed(change: object, deployment: V1Deployment): object {
  const own = deployment.spec!.template.spec!.containers[0]!.args ?? [];
  return JSON.parse(JSON.stringify(change), (key, value: unknown) =>
    key === "args" && Array.isArray(value) && value[0] === appended ? [...own, ...(value as string[]).slice(1)] : value,
  ) as object;
}

function over(fault: RealFault, pod: V1Pod, seconds: number, node: V1Node): boolean {
  const of = (name: string): V1ContainerStatus | undefined =>
    [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].find(
      (each) => each.name === name,
    );
  const crashed = (name: string): boolean =>
    of(name)?.lastState?.terminated !== undefined && of(name)?.state?.waiting?.reason === "CrashLoopBackOff";
  switch (fault.until) {
    case "init-crashed":
      return crashed("model-downloader");
    case "server-crashed":
      return crashed("server");
    case "server-restarted":
      return (of("server")?.restartCount ?? 0) > 0;
    case "running-unready":
      return of("server")?.started === true && seconds > 40;
    case "stuck":
      return seconds > 60;
    case "node-lost":
      return node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "Unknown") === true;
  }
}

/** Without what the API server keeps for itself. */
function plain<T extends { metadata?: { managedFields?: unknown } }>(object: T): T {
  if (object.metadata) delete object.metadata.managedFields;
  return object;
}

async function pods(): Promise<V1Pod[]> {
  return (await get<{ items: V1Pod[] }>("pods", "--selector=app=vllm")).items;
}

async function record(name: string, fault: RealFault, original: V1Deployment): Promise<void> {
  const claim = await get<{ spec: { volumeName: string } }>(
    "pvc",
    original.spec!.template.spec!.volumes![0]!.persistentVolumeClaim!.claimName,
  );
  const volume = path.join("/run/volumes", claim.spec.volumeName);
  const lines = (all: readonly string[] = []): string[] => all.map((line) => line.replaceAll("{volume}", volume));
  await kubectl("scale", "deployment/vllm", "--replicas=0");
  // Without the time that a server gets to end in order.
  await kubectl("delete", "pods", "--selector=app=vllm", "--grace-period=1", "--wait=false");
  while ((await pods()).length > 0) await sleep(500);
  for (const line of lines(fault.arrange)) await inNode(line);
  const began = new Date();
  if (fault.change) {
    await kubectl(
      "patch",
      "deployment/vllm",
      "--type=strategic",
      `--patch=${JSON.stringify(completed(fault.change, original))}`,
    );
  }
  await kubectl("scale", "deployment/vllm", "--replicas=1");
  const seen: { seconds: number; status: V1Pod["status"] }[] = [];
  let last = "";
  let killed = fault.kill === undefined;
  let pod: V1Pod | undefined;
  let node = await get<V1Node>("node", nodeName);
  for (;;) {
    const seconds = (Date.now() - began.getTime()) / 1000;
    [pod] = await pods();
    node = await get<V1Node>("node", nodeName);
    if (pod && JSON.stringify(pod.status) !== last) {
      last = JSON.stringify(pod.status);
      seen.push({ seconds: Math.round(seconds * 10) / 10, status: pod.status });
    }
    const ready = pod?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    if (!killed && ready) {
      for (const { pid, command } of runningProcesses())
        if (command.startsWith(fault.kill!)) process.kill(pid, "SIGKILL");
      killed = true;
    }
    if (killed && pod && over(fault, pod, seconds, node)) break;
    if (seconds * 1000 > patience) {
      console.error(`${name}: not over after ${patience / 1000} s; what was seen so far is written`);
      break;
    }
    await sleep(500);
  }
  const { items: all } = await get<{ items: CoreV1Event[] }>("events");
  const events = all.filter(
    ({ metadata }) => new Date(metadata.creationTimestamp!) >= new Date(began.getTime() - 1000),
  );
  const logs: Record<string, { current?: string; previous?: string }> = {};
  for (const container of ["model-downloader", "server"]) {
    const log = (...more: string[]) =>
      kubectl("logs", pod!.metadata!.name!, "--container", container, "--tail=200", ...more).catch(() => undefined);
    const [current, previous] = [await log(), await log("--previous")];
    logs[container] = { ...(current !== undefined && { current }), ...(previous !== undefined && { previous }) };
  }
  const recorded = {
    fault: name,
    what: fault.what,
    recorded: {
      at: began.toISOString().slice(0, 10),
      kubelet: node.status?.nodeInfo?.kubeletVersion,
      runtime: node.status?.nodeInfo?.containerRuntimeVersion,
      change: fault.change,
      arrange: fault.arrange,
      kill: fault.kill,
    },
    pod: { metadata: plain(pod!).metadata, spec: pod!.spec },
    statuses: seen,
    events: events.map(plain),
    logs,
    node: { conditions: node.status?.conditions, taints: node.spec?.taints },
  };
  const file = path.join(__dirname, "..", "recorded", "node", `${name}.json`);
  const text = JSON.stringify(recorded, undefined, 1).replaceAll(path.resolve(stateDir), "/state");
  writeFileSync(file, `${text}\n`);
  console.log(
    `${name}: ${seen.length} statuses, ${events.length} events, ${Math.round((Date.now() - began.getTime()) / 1000)} s`,
  );
  for (const line of lines(fault.mend)) await inNode(line);
  await kubectl("scale", "deployment/vllm", "--replicas=0");
  await kubectl("replace", "--force", "--filename", saved(original));
}

function saved(deployment: V1Deployment): string {
  const { metadata, spec } = deployment;
  const kept = { name: metadata!.name, labels: metadata!.labels, annotations: metadata!.annotations };
  const file = `/tmp/record-${process.pid}.json`;
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata: kept, spec: { ...spec, replicas: 0 } }),
  );
  return file;
}

async function main(): Promise<void> {
  const original = await get<V1Deployment>("deployment", "vllm");
  const wanted = names.length > 0 ? names : Object.keys(realFaults);
  for (const name of wanted) {
    const fault = realFaults[name];
    if (!fault) throw new Error(`there is no fault ${name}; there are ${Object.keys(realFaults).join(", ")}`);
    await record(name, fault, original);
  }
  await kubectl("scale", "deployment/vllm", "--replicas=1");
}

void main();
