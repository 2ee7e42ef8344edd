import type { V1Container, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { faults, fill, valuesOf } from "./faults";

/** A line of a container's log and the moment at which it was printed. */
export interface Line {
  at: Date;
  text: string;
}

/** A run of a container: from its start, to its end if it has ended. */
interface Run {
  from: Date;
  to?: Date;
  exitCode?: number;
  /** The end of its log, as a kubelet keeps it in the status. */
  message?: string;
}

const notice = "[simulation] no container runs: these lines imitate what the real program prints";

/** What a kubelet answers instead of a log. */
export class NoLog extends Error {}

/** Every line that a container has printed until `now`; of the run before the last one, if `previous`. */
export function linesOf(pod: V1Pod, container: string, previous: boolean, now: Date): Line[] {
  const name = pod.metadata?.name;
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const status = statuses.find((one) => one.name === container);
  const spec = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].find(
    (one) => one.name === container,
  );
  if (!spec) throw new NoLog(`container "${container}" in pod "${name}" is not available`);
  const run = runOf(status, previous);
  if (run === undefined && previous)
    throw new NoLog(`previous terminated container "${container}" in pod "${name}" not found`);
  if (run === undefined) {
    const reason = status?.state?.waiting?.reason ?? "ContainerCreating";
    throw new NoLog(`container "${container}" in pod "${name}" is waiting to start: ${reason}`);
  }
  const until = run.to ?? now;
  return timeline(pod, spec, run)
    .map(([seconds, text]) => ({ at: new Date(run.from.getTime() + seconds * 1000), text }))
    .filter(({ at }) => at <= until);
}

function runOf(status: V1ContainerStatus | undefined, previous: boolean): Run | undefined {
  const { state, lastState } = status ?? {};
  const ended = previous
    ? lastState?.terminated
    : (state?.terminated ?? (state?.running ? undefined : lastState?.terminated));
  if (ended?.startedAt && ended.finishedAt) {
    return {
      from: new Date(ended.startedAt),
      to: new Date(ended.finishedAt),
      exitCode: ended.exitCode,
      message: ended.message ?? "",
    };
  }
  return !previous && state?.running?.startedAt ? { from: new Date(state.running.startedAt) } : undefined;
}

/** A run's lines with the seconds after its start; those of a fault come with its end. */
function timeline(pod: V1Pod, spec: V1Container, run: Run): [seconds: number, text: string][] {
  const seconds = (key: string): number => Number(pod.metadata?.annotations?.[`simulation/${key}-seconds`] ?? 0);
  const downloads = spec.name === "model-downloader";
  const serves = spec.name === "server" && pod.spec?.initContainers !== undefined;
  const normal = downloads
    ? downloadLines(pod, seconds("download"))
    : serves
      ? serverLines(pod, spec, seconds("load"))
      : otherLines(spec);
  const all: [number, string][] = [[0, notice], ...normal];
  if (!run.exitCode || !run.to) return all;
  const end = (run.to.getTime() - run.from.getTime()) / 1000;
  return [
    ...all.filter(([at]) => at < end),
    ...lastWords(pod, run, spec.name).map((text): [number, string] => [end, text]),
  ];
}

/**
 * The fault may have been mended since, or changed for another, and engines end alike whatever they die of: a run that ended leaves its
 * fault's name at the pod. A pod that a former version let crash has none: there the end of the log, which the status keeps, must do.
 */
function lastWords(pod: V1Pod, { message = "" }: Run, container: string): string[] {
  const end = message.trimEnd();
  if (end === "") return [];
  const annotations = pod.metadata?.annotations ?? {};
  const likely = [annotations[`simulation/ended-${container}`], annotations["simulation/fault"]];
  for (const fault of [...likely.map((name = "") => faults[name]), ...Object.values(faults)]) {
    if (fault?.kind !== "crash" || fault.container !== container) continue;
    const log = fill(fault.log.join("\n"), valuesOf(pod));
    if (log.endsWith(end)) return log.split("\n");
  }
  return end.split("\n");
}

const gigabytes = 5.6;

function downloadLines(pod: V1Pod, duration: number): [number, string][] {
  const { model } = valuesOf(pod);
  const lines: [number, string][] = [];
  const steps = Math.min(20, Math.max(0, Math.ceil(duration) - 1));
  for (let step = 1; step <= steps; step++) {
    const share = step / (steps + 1);
    const rate = Math.round((gigabytes * 1000) / duration);
    const left = Math.round(duration * (1 - share));
    const done = (gigabytes * share).toFixed(1);
    lines.push([
      duration * share,
      `model-downloader: downloading ${done} of ${gigabytes} GB (${Math.floor(share * 100)} %), ${rate} MB/s, ${left} s left`,
    ]);
  }
  lines.push([duration, "model-downloader: verifying 4 of 4 files"]);
  lines.push([duration, `model-downloader: complete ${model}@000000000000 ${gigabytes} GB`]);
  return lines;
}

function serverLines(pod: V1Pod, spec: V1Container, duration: number): [number, string][] {
  const args = [...(spec.command ?? []), ...(spec.args ?? [])];
  const value = (flag: string): string | undefined => args[args.indexOf(flag) + 1 || args.length];
  const path = value("--model") ?? `${valuesOf(pod)["mount"]}/${valuesOf(pod)["model"]}`;
  const port = value("--port") ?? "8000";
  const lines: [number, string][] = [
    [0, `(APIServer pid=1) INFO [api_server.py:1839] vLLM API server, model ${path}`],
    [duration * 0.1, "(EngineCore_DP0 pid=68) INFO [core.py:93] Initializing a V1 LLM engine"],
    [duration * 0.2, `(EngineCore_DP0 pid=68) INFO [gpu_model_runner.py:2602] Starting to load model ${path}...`],
  ];
  for (const part of [0, 1, 2]) {
    const shards = `${Math.round((part / 2) * 100)}% Completed | ${part}/2`;
    lines.push([
      duration * (0.3 + 0.2 * part),
      `(EngineCore_DP0 pid=68) Loading safetensors checkpoint shards: ${shards}`,
    ]);
  }
  lines.push(
    [
      duration * 0.9,
      "(EngineCore_DP0 pid=68) INFO [core.py:218] init engine (profile, create kv cache, warmup model) done",
    ],
    [duration, `(APIServer pid=1) INFO [launcher.py] Starting vLLM API server 0 on http://0.0.0.0:${port}`],
    [duration, "(APIServer pid=1) INFO:     Application startup complete."],
  );
  return lines;
}

function otherLines(spec: V1Container): [number, string][] {
  return [[0, `[simulation] container ${spec.name} of image ${spec.image} ends well, whatever it would have done`]];
}
