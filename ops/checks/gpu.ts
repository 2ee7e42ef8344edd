import type { Node, Pod } from "kubernetes-types/core/v1";
import { oldestDriver } from "../../components/args/lineFacts";
import type { Live } from "../../components/cluster/objects";
import { askedPod, deployment } from "../../components/manifests/deployment";
import { nobody, ownerAnnotation } from "../../components/manifests/labels";
import { gpuObstacle, nodes } from "../../components/readiness/nodes";
import { readRoom } from "../../components/readiness/readRoom";
import { roomText } from "../../components/readiness/room";
import { isRedHats, lineOfVersion } from "../../components/images/lineOf";
import { type Symptom, symptom } from "../../components/symptoms";
import { rowCommand } from "../stack/stackCommands";
import { toldVersion } from "../stack/toldVersion";
import { type Check, type Checked, type CheckFinding, fine, type Skipped } from "./check";
import { ownPods, podShare, sum, takesShare } from "./share";

/** Whether a node has the GPUs, free and with a driver that the image can use. */
export const gpuChecks: readonly Check[] = [
  { id: "gpu-node", title: "GPU node", deployed: false, simulated: true, run: gpuNode },
  { id: "gpu-free", title: "free GPUs", deployed: false, simulated: true, run: gpuFree },
  { id: "gpu-together", title: "GPUs for all models", deployed: false, simulated: true, run: gpuTogether },
  { id: "driver", title: "GPU driver", deployed: false, simulated: true, run: driver },
];

async function allNodes({ client }: Checked): Promise<Live<Node>[]> {
  return ((await client.get("/api/v1/nodes"))?.body as { items: Live<Node>[] } | undefined)?.items ?? [];
}

/** The pod as the stack would make it. */
function podOf({ stack: { args } }: Checked): unknown {
  return deployment({ args, owner: nobody }, {}).spec;
}

async function gpuNode(context: Checked): Promise<CheckFinding> {
  const { args } = context.stack;
  const all = await allNodes(context);
  const views = nodes(all, (podOf(context) as { template: unknown }).template);
  const fit = views.filter(
    (node) =>
      node.gpus >= node.wanted && node.untolerated.length === 0 && node.unselected.length === 0 && !node.cordoned,
  );
  if (fit.length > 0) {
    const models = fit.map(
      ({ name, gpus }) => `${name} with ${gpus} × ${labelOf(all, name, "nvidia.com/gpu.product") ?? "an unknown GPU"}`,
    );
    return fine(models.join(", "));
  }
  const obstacle = gpuObstacle(views);
  const row = symptom(obstacle?.id ?? "no-gpu-node");
  const operator = all.some(({ metadata }) => metadata.labels?.["nvidia.com/gpu.present"] === "true")
    ? ""
    : "; no node carries the GPU operator's labels";
  return {
    severity: "error",
    evidence: `${row.title}: ${obstacle?.said ?? `${args.tensorParallelSize} asked for`}${operator}`,
    ...mendOf(row, context),
  };
}

/** The GPUs of the stack's own pods count as free: `up` lets the old pod go before the new one comes. */
async function gpuFree(context: Checked): Promise<CheckFinding> {
  const { client, stack } = context;
  const wanted = stack.args.tensorParallelSize;
  const pods = ((await client.get("/api/v1/pods"))?.body as { items: Live<Pod>[] } | undefined)?.items ?? [];
  const views = nodes(await allNodes(context), (podOf(context) as { template: unknown }).template);
  const usable = views.filter(
    ({ untolerated, unselected, cordoned, gpus }) =>
      gpus > 0 && untolerated.length === 0 && unselected.length === 0 && !cordoned,
  );
  const own = ownPods(context, pods);
  const others = pods.filter((pod) => takesShare(pod) && !own.includes(pod));
  const free = usable.map(({ name, gpus }) => {
    const there = others.filter(({ spec }) => spec.nodeName === name).map(({ spec }) => podShare(spec));
    return { name, gpus, free: gpus - (sum(there)[`requests.${stack.args.gpuResource}`] ?? 0) };
  });
  const said = free
    .map((node) => `${node.name}: ${node.free} of ${node.gpus} free${own.length > 0 ? ", or this stack's own" : ""}`)
    .join(", ");
  if (free.some((node) => node.free >= wanted)) return fine(said);
  const row = symptom("no-gpu-free");
  return { severity: "error", evidence: `${wanted} asked for; ${said || "no node fits"}`, ...mendOf(row, context) };
}

/** All models of the stack at once, as the preview looks at it. */
async function gpuTogether({ client, stack }: Checked): Promise<CheckFinding | Skipped> {
  const { models, name, project } = stack;
  if (models.length < 2) return { skipped: "the stack has one model" };
  const isOwn = (annotations: Readonly<Record<string, string>>): boolean =>
    annotations[ownerAnnotation]?.endsWith(`/${project}/${name}`) === true;
  const room = await readRoom(client, models.map(askedPod), isOwn);
  if (!room) return { skipped: "the nodes may not be read" };
  const evidence = roomText(room);
  if (evidence !== undefined) return { severity: room.scaling === true ? "warning" : "error", evidence };
  return fine(`${models.length} models, ${room.wishes.reduce((sum, { gpus }) => sum + gpus, 0)} GPUs together`);
}

function mendOf(row: Symptom, { stack }: Checked): Pick<CheckFinding, "mend" | "remedy"> {
  const mend = rowCommand(row, stack);
  return { ...(mend !== undefined && { mend }), remedy: row.remedy };
}

async function driver(context: Checked): Promise<CheckFinding | Skipped> {
  const all = (await allNodes(context)).filter(
    ({ metadata }) => metadata.labels?.["nvidia.com/gpu.present"] === "true",
  );
  const versions = all.flatMap(({ metadata: { name, labels = {} } }) => {
    const major = labels["nvidia.com/cuda.driver-version.major"] ?? labels["nvidia.com/cuda.driver.major"];
    const full = labels["nvidia.com/cuda.driver-version.full"] ?? major;
    return major === undefined ? [] : [{ name, major: Number(major), full }];
  });
  if (versions.length === 0) {
    return {
      skipped: `no node is labelled with its driver's version; \`npm run ops -- cuda-probe --stack ${context.stack.name}\` asks the driver itself`,
    };
  }
  const version = toldVersion(context.stack, context.state);
  const told = version !== undefined && isRedHats(version) ? lineOfVersion(version) : undefined;
  const line = context.stack.args.line ?? told;
  const floor = line?.driver ?? oldestDriver;
  const old = versions.filter(({ major }) => major < floor);
  const text = (list: typeof versions): string => list.map(({ name, full }) => `${name}: driver ${full}`).join(", ");
  if (old.length === 0) return fine(text(versions));
  return {
    severity: old.length === versions.length ? "error" : "warning",
    evidence: `${text(old)}; the image's CUDA${line ? ` ${line.cuda}` : ""} needs ${floor} or newer`,
    mend: "oc edit clusterpolicy gpu-cluster-policy   # spec.driver.version; by a cluster admin",
  };
}

function labelOf(all: readonly Live<Node>[], name: string, label: string): string | undefined {
  return all.find(({ metadata }) => metadata.name === name)?.metadata.labels?.[label];
}
