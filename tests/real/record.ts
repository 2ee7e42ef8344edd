/**
 * Gives this clone's running `npm run local -- --real` one fault after another and records what the kubelet and the API say of it: every status
 * that the pod has had, the events, the ends of the logs, the node's conditions. `npm run record:real -- [FAULT …]` writes
 * tests/recorded/node/FAULT.json.
 */
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CoreV1Event, V1ContainerStatus, V1Node, V1Pod } from "@kubernetes/client-node";
import { execa } from "execa";
import { clusterLayout } from "../../local/cluster/spec";
import { defaultStateDir } from "../../local/paths";
import { binDirs } from "../../local/pulumi/environment";
import { commandLine, runCommandLine } from "../../shared/commandLine";
import { UsageError, UserError } from "../../shared/errors";
import { endFault, setFault } from "../../local/real/fault";
import { realFaults } from "../../local/real/faults";
import { nodeName } from "../../local/real/programs";

const namespace = "vllm-inference";
const stateDir = defaultStateDir;
const { kubeconfig } = clusterLayout(stateDir);
const target = { stateDir, namespace, deployment: "vllm" };

/** When enough has been seen. */
type Until = "init-crashed" | "server-crashed" | "server-restarted" | "stuck" | "running-unready" | "node-lost";

const others: Readonly<Record<string, Until>> = {
  "server-startup-probe": "server-restarted",
  "server-engine-killed": "server-restarted",
  "server-unready": "running-unready",
  "volume-not-mounted": "stuck",
  "image-registry-unreachable": "stuck",
  "missing-secret": "stuck",
  "node-lost": "node-lost",
};

const untilOf = (fault: string): Until =>
  others[fault] ?? (fault.startsWith("downloader-") ? "init-crashed" : "server-crashed");

async function kubectl(...args: string[]): Promise<string> {
  const PATH = [...binDirs(stateDir), process.env["PATH"]].join(path.delimiter);
  return (await execa("kubectl", ["--kubeconfig", kubeconfig, "--namespace", namespace, ...args], { env: { PATH } }))
    .stdout;
}

const get = async <T>(...args: string[]): Promise<T> => JSON.parse(await kubectl("get", ...args, "--output=json")) as T;

function over(until: Until, pod: V1Pod, seconds: number, node: V1Node): boolean {
  const of = (name: string): V1ContainerStatus | undefined =>
    [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].find(
      (each) => each.name === name,
    );
  const crashed = (name: string): boolean =>
    of(name)?.lastState?.terminated !== undefined && of(name)?.state?.waiting?.reason === "CrashLoopBackOff";
  switch (until) {
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

async function record(name: string, patience: number): Promise<void> {
  const { what, ...how } = realFaults[name]!;
  await kubectl("scale", "deployment/vllm", "--replicas=0");
  // Without the time that a server gets to end in order.
  await kubectl("delete", "pods", "--selector=app=vllm", "--grace-period=1", "--wait=false");
  while ((await pods()).length > 0) await sleep(500);
  // What kills a program of the node does so at once, and is for a model that serves.
  const atOnce = how.kill !== undefined && "program" in how.kill;
  if (!atOnce) await setFault(target, name, undefined);
  const began = new Date();
  await kubectl("scale", "deployment/vllm", "--replicas=1");
  const seen: { seconds: number; status: V1Pod["status"] }[] = [];
  let last = "";
  let killed = how.kill === undefined;
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
    if (!killed && ready) killed = (await setFault(target, name, atOnce ? undefined : name)) > 0;
    if (killed && pod && over(untilOf(name), pod, seconds, node)) break;
    if (seconds > patience) {
      console.error(`${name}: not over after ${patience} s; what was seen so far is written`);
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
  const { kubeletVersion, containerRuntimeVersion } = node.status?.nodeInfo ?? {};
  const recorded = {
    fault: name,
    what,
    recorded: {
      at: began.toISOString().slice(0, 10),
      kubelet: kubeletVersion,
      runtime: containerRuntimeVersion,
      ...how,
    },
    pod: { metadata: plain(pod!).metadata, spec: pod!.spec },
    statuses: seen,
    events: events.map(plain),
    logs,
    node: { conditions: node.status?.conditions, taints: node.spec?.taints },
  };
  const file = path.join(__dirname, "..", "recorded", "node", `${name}.json`);
  const text = JSON.stringify(recorded, undefined, 1).replaceAll(stateDir, "/state");
  writeFileSync(file, `${text}\n`);
  console.log(
    `${name}: ${seen.length} statuses, ${events.length} events, ${Math.round((Date.now() - began.getTime()) / 1000)} s`,
  );
  if (atOnce) {
    // What was killed is started by the next `npm run local`.
    await execa("npm", ["run", "--silent", "local"], { cwd: path.dirname(stateDir), stdout: "ignore" });
  }
  await endFault(target, name);
}

const program = commandLine(
  "npm run record:real --",
  "Records what a real node says of faults, into tests/recorded/node.",
)
  .argument("[fault...]", "faults; without them, all")
  .option("--seconds <number>", "how long to look at each at most", String, "420")
  .action(async (names: string[], { seconds }: { seconds: string }) => {
    const known = Object.keys(realFaults);
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length > 0) {
      throw new UsageError(
        `'fault' (${unknown.join(", ")}) must be one that the real node can be given; set some of ${known.join(", ")}.`,
      );
    }
    if (!existsSync(kubeconfig)) throw new UserError("There is no cluster yet. Run `npm run local -- --real` first.");
    for (const name of names.length > 0 ? names : known) await record(name, Number(seconds));
    await kubectl("scale", "deployment/vllm", "--replicas=1");
  });
runCommandLine(program);
