import type { V1Container, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { type Fault, faults, fill, valuesOf } from "./faults";

type Crash = Fault & { kind: "crash" };

/** A line of a container's log and the moment at which it was printed. */
export interface Line {
  at: Date;
  text: string;
}

/** A run of a container: from its start, to its end if it has ended. */
interface Run {
  /** How many runs of the container were before it. */
  number: number;
  from: Date;
  /** It is past every moment at which a fault strikes. */
  ready?: true;
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
  // A status has whole seconds, of which one may hold the end of a run and the start of the next: whoever goes on from the last moment that was
  // shown, as `ops logs -f` does, would leave out what came after it.
  const shift = run.number * 2;
  const at = (seconds: number, milliseconds: number): Date =>
    new Date(run.from.getTime() + seconds * 1000 + milliseconds);
  const crash = crashOf(pod, run, spec.name);
  const lines = timeline(pod, spec, run, crash).filter(([seconds]) => at(seconds, 0) <= until);
  const said = crash === undefined ? (run.message ?? "").trimEnd() : logOf(pod, crash);
  const last = run.exitCode && said !== "" ? said.split("\n") : [];
  return [
    ...lines.map(([seconds, text]) => ({ at: at(seconds, shift), text })),
    ...last.map((text) => ({ at: new Date(until.getTime() + shift + 1), text })),
  ];
}

function runOf(status: V1ContainerStatus | undefined, previous: boolean): Run | undefined {
  const { state, lastState, restartCount: restarts = 0 } = status ?? {};
  const ended = previous
    ? lastState?.terminated
    : (state?.terminated ?? (state?.running ? undefined : lastState?.terminated));
  if (ended?.startedAt && ended.finishedAt) {
    return {
      number: restarts - (ended === lastState?.terminated && state?.running ? 1 : 0),
      from: new Date(ended.startedAt),
      to: new Date(ended.finishedAt),
      exitCode: ended.exitCode,
      message: ended.message ?? "",
    };
  }
  return !previous && state?.running?.startedAt
    ? { number: restarts, from: new Date(state.running.startedAt), ...(status?.ready && { ready: true as const }) }
    : undefined;
}

/** A run's own lines with the seconds after its start: those before its fault strikes. */
function timeline(
  pod: V1Pod,
  spec: V1Container,
  run: Run,
  crash: Crash | undefined,
): [seconds: number, text: string][] {
  const seconds = (key: string): number => Number(pod.metadata?.annotations?.[`simulation/${key}-seconds`] ?? 0);
  const downloads = spec.name === "model-downloader";
  const serves = spec.name === "server" && pod.spec?.initContainers !== undefined;
  const normal = downloads
    ? downloadLines(pod, seconds("download"))
    : serves
      ? serverLines(pod, spec, seconds("load"))
      : otherLines(spec);
  const strikes = crash === undefined ? Infinity : crash.at === "load" ? seconds("load") : 0;
  const ends = run.exitCode && run.to ? (run.to.getTime() - run.from.getTime()) / 1000 : Infinity;
  return [[0, notice], ...normal.filter(([at]) => at < Math.min(strikes, ends))];
}

/**
 * What ended a run, or will. The fault may have been mended since, or changed for another, and engines end alike whatever they die of: a run
 * that ended leaves its fault's name at the pod. One that a former version let crash has left none: there the end of the log, which the status
 * keeps, must do.
 */
function crashOf(pod: V1Pod, { to, ready, exitCode, message = "" }: Run, container: string): Crash | undefined {
  const annotations = pod.metadata?.annotations ?? {};
  const crash = (fault: Fault | undefined): Crash | undefined =>
    fault?.kind === "crash" && fault.container === container ? fault : undefined;
  const [was, now] = [`simulation/ended-${container}`, "simulation/fault"].map(
    (name) => faults[annotations[name] ?? ""],
  );
  if (to === undefined) return ready ? undefined : crash(now);
  const end = message.trimEnd();
  if (!exitCode || end === "") return undefined;
  return [was, now, ...Object.values(faults)].map(crash).find((each) => each && logOf(pod, each).endsWith(end));
}

function logOf(pod: V1Pod, { log }: Crash): string {
  return fill(log.join("\n"), valuesOf(pod));
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
