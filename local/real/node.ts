/** A real node beside the control plane: kubelet, containerd and what else a node runs, in a cell of its own. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { UserError } from "../../shared/errors";
import { resolveNodeTools } from "../toolchain";
import { cellPid, inCell, startCell, stopCell, type Shown } from "./cell";
import { appRoot, liteLlmRoot, nodeDebian, sitePackages } from "./debian";
import { Disks } from "./disks";
import { imageArchive, standIns } from "./images";
import { removeGroups } from "./groups";
import { type NodeLayout, nodeLayout } from "./layout";
import { nodeNetwork } from "./network";
import {
  baseSpecFile,
  containerdSocket,
  nodeKubeconfig,
  type NodeParts,
  type NodeProgram,
  nodePrograms,
} from "./programs";
import { prepareRouter } from "./router/certificate";
import { forgetReadiness, isNodeReady } from "./ready";
import { pythonParts } from "./python";
import { nodeProcesses, programLogTail, startProgram } from "./runner";

/** Time for a program to answer, in milliseconds. */
const answerTimeout = 120_000;

export interface NodeOptions {
  readonly stateDir: string;
  /** The cluster's kubeconfig and the certificate of its authority. */
  readonly kubeconfig: string;
  readonly caFile: string;
  readonly apiPort: number;
  /** The names under which the stacks ask for their images. */
  readonly images: { readonly vllm: string; readonly litellm: string };
  /** The id under which the Hub serves the model, and the token that it knows. */
  readonly modelId: string;
  readonly token: string;
  readonly log: (line: string) => void;
}

/** Starts the node, or what is missing of it; returns once it is Ready. */
export async function startNode(options: NodeOptions): Promise<void> {
  const { stateDir, log } = options;
  const layout = nodeLayout(stateDir);
  mkdirSync(layout.etc, { recursive: true });
  const network = nodeNetwork(layout.dir);
  const tools = await resolveNodeTools(log);
  const python = await pythonParts();
  const debian = await nodeDebian(log);
  const archive = await imageArchive(debian, log);
  const shown: Shown[] = [
    { from: python.vllm, to: "/opt/packages/vllm" },
    { from: python.litellm, to: "/opt/packages/litellm" },
    { from: python.model, to: "/opt/model" },
    { from: __dirname, to: "/opt/real-node" },
    { from: dirname(archive), to: "/opt/images" },
    ...Object.entries(tools).map(([name, path]) => ({ from: dirname(path), to: `/opt/tools/${name}` })),
  ];
  const inside = (name: keyof typeof tools): string => `/opt/tools/${name}/${name}`;
  const parts: NodeParts = {
    layout,
    network,
    apiPort: options.apiPort,
    caFile: join(layout.etc, "cluster-ca.crt"),
    tools: { kubelet: inside("kubelet"), "kube-proxy": inside("kube-proxy"), coredns: inside("coredns") },
    model: { folder: "/opt/model", id: options.modelId, token: options.token },
  };
  copyFileSync(options.caFile, parts.caFile);
  writeFileSync(nodeKubeconfig(layout), readFileSync(options.kubeconfig), { mode: 0o600 });
  const programs = nodePrograms(parts);
  const setUp = JSON.stringify([programs, debian, shown]);
  const marker = join(layout.dir, "set-up.json");
  const same = existsSync(marker) && readFileSync(marker, "utf8") === setUp;
  if (cellPid(layout) === undefined || !same) {
    log(same || !existsSync(marker) ? "starting the node" : "starting the node with a new set-up, its disks kept");
    await startCell(layout, network, { debian, shown });
    writeFileSync(marker, setUp);
  }
  const cell = cellPid(layout);
  if (cell === undefined) throw new UserError("The node's first process has ended.");
  const ensure = (program: NodeProgram): void => {
    if (!nodeProcesses(cell, programs).has(program.name)) startProgram(layout, cell, program);
  };
  const [containerd, ...rest] = [...programs].sort(({ name }) => (name === "containerd" ? -1 : 0));
  await writeBaseSpec(layout, cell);
  ensure(containerd!);
  await answers(layout, "containerd", () => ctr(cell, "version"));
  await importImages(cell, `/opt/images/${archive.slice(dirname(archive).length + 1)}`, options.images, log);
  await prepareRouter(layout, cell, network);
  // Under a kubelet that runs they are mounted, or a fault has taken one away.
  if (!nodeProcesses(cell, programs).has("kubelet")) {
    await new Disks(layout, () => cell).mountAll();
    await forgetReadiness(options.kubeconfig);
  }
  rest.forEach(ensure);
  await untilReady(options, layout, () => nodeProcesses(cell, programs).has("kubelet"));
  const running = nodeProcesses(cell, programs);
  const dead = programs.find(({ name }) => !running.has(name));
  if (dead) throw new UserError(`${dead.name} has ended.\n${programLogTail(layout, dead.name)}`);
}

/** Its kubelet has told the API server that it can take pods. */
async function untilReady({ kubeconfig }: NodeOptions, layout: NodeLayout, runs: () => boolean): Promise<void> {
  let seen = false; // it is started through another program
  await answers(layout, "kubelet", async () => {
    seen ||= runs();
    if (seen && !runs()) throw new UserError(`kubelet has ended.\n${programLogTail(layout, "kubelet")}`);
    if (!(await isNodeReady(kubeconfig))) throw new Error("the node is not Ready");
  });
}

/** containerd's own default, with the packages mounted where the images' Pythons look. */
async function writeBaseSpec(layout: NodeLayout, cell: number): Promise<void> {
  const spec = JSON.parse(await ctr(cell, "oci", "spec")) as { mounts: object[] };
  const packages = { "/opt/packages/vllm": appRoot, "/opt/packages/litellm": liteLlmRoot };
  for (const [source, root] of Object.entries(packages)) {
    const destination = join(root, sitePackages);
    spec.mounts.push({ destination, type: "bind", source, options: ["rbind", "ro"] });
  }
  writeFileSync(baseSpecFile(layout), JSON.stringify(spec));
}

async function importImages(
  cell: number,
  archive: string,
  wanted: NodeOptions["images"],
  log: (line: string) => void,
): Promise<void> {
  const listed = async () => (await ctr(cell, "--namespace", "k8s.io", "images", "list", "--quiet")).split("\n");
  if (!(await listed()).includes(standIns.vllm.name)) {
    log("importing the images into the node");
    await ctr(cell, "--namespace", "k8s.io", "images", "import", archive);
  }
  for (const key of ["vllm", "litellm"] as const) {
    await ctr(cell, "--namespace", "k8s.io", "images", "tag", "--force", standIns[key].name, wanted[key]);
  }
}

async function ctr(cell: number, ...args: string[]): Promise<string> {
  const [command, ...rest] = inCell(cell, ["ctr", "--address", containerdSocket, ...args]) as [string, ...string[]];
  return (await execa(command, rest)).stdout;
}

async function answers(layout: NodeLayout, name: string, ask: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + answerTimeout;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (error instanceof UserError) throw error;
      if (Date.now() > deadline) {
        const tail = programLogTail(layout, name);
        throw new UserError(`${name} does not answer after ${answerTimeout / 1000} s.\n${tail}`, { cause: error });
      }
    }
    await sleep(100);
  }
}

/** Ends the node and takes away what no namespace holds: its control groups. Gives how many processes were ended. */
export async function stopNode(stateDir: string): Promise<number> {
  const layout = nodeLayout(stateDir);
  if (!existsSync(layout.dir)) return 0;
  const stopped = await stopCell(layout);
  await removeGroups(nodeNetwork(layout.dir).interface, layout.controllers);
  return stopped;
}
