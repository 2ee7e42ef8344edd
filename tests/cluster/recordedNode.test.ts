/** What the simulation plays of a fault, against what a real kubelet and the API said of it (tests/recorded/node). */
import { deepEqual } from "node:assert/strict";
import {
  type CoreV1Event,
  type V1Container,
  type V1ContainerStateTerminated,
  type V1ContainerStatus,
  type V1Pod,
  type V1PodStatus,
} from "@kubernetes/client-node";
import { testCluster } from "../../harness/cluster";
import { Api } from "../../local/simulation/api";
import { faults } from "../../local/simulation/faults";
import { type NodeRecording, nodeRecordings } from "../recorded/node";
import { deployment, eventually, simulated } from "./simulatedCluster";

const { namespace, apply, eventsOf } = simulated();

describe("a fault that a real node was given, played", () => {
  for (const recording of nodeRecordings().filter(({ fault }) => fault in faults)) {
    it(`${recording.fault}: every status that the real pod had, and its events`, async () => {
      const recorded = recording.statuses.map(({ status }) => shape(status));
      const ns = await namespace({ fault: recording.fault, download: 1, load: 1 });
      const seen = await watched(
        ns,
        () => apply(deploymentOf(ns, recording)),
        /waits: (?!PodInit)\w+/.exec(recorded.at(-1) ?? "")?.[0] ?? "",
      );
      deepEqual(
        recorded.filter((each) => !seen.includes(each)),
        [],
        `seen were\n${seen.join("\n")}`,
      );
      const wanted = said(recording.events);
      const told = await eventually(eventsOf(ns), (events) => {
        const now = said(events);
        const reasons = now.map(reasonOf);
        return wanted.every((each) => reasons.includes(reasonOf(each))) ? now : undefined;
      });
      // The image was there already on the real node.
      const otherwise = (some: readonly string[], than: readonly string[]): string[] =>
        some.filter((each) => !/ (Pulling|Pulled) /.test(each) && !than.includes(each));
      deepEqual([otherwise(wanted, told), otherwise(told, wanted)], [[], []]);
    });
  }
});

/** Type, reason and container of an event. */
const reasonOf = (line: string): string => line.split(" ", 3).join(" ");

/** The pod of the recording, as far as the simulation looks at it; the Secrets that it needs are there, but for that fault. */
function deploymentOf(ns: string, { fault, pod }: NodeRecording): object {
  // Of two variables of one name the later one counts, and an admission rule that applies refuses both.
  const keep = ({ env = [] }: V1Container): readonly object[] =>
    env.filter(
      ({ name, valueFrom }, index) =>
        (valueFrom === undefined || fault === "missing-secret") &&
        env.findLastIndex((each) => each.name === name) === index,
    );
  const [init] = pod.spec!.initContainers!;
  const initContainers = [{ name: init!.name, image: init!.image, env: keep(init!) }];
  return deployment(ns, { initContainers }, { image: init!.image });
}

/** Every shape of the pod's status from its first to the one in which a container waits as at the end of the recording. */
async function watched(ns: string, begin: () => Promise<unknown>, last: string): Promise<string[]> {
  const { kubeconfig } = await testCluster();
  const seen: string[] = [];
  const stop = new AbortController();
  const line = (text: string): void => {
    const { object } = JSON.parse(text) as { object: V1Pod };
    seen.push(shape(object.status));
  };
  const watching = new Api(kubeconfig).watch(`/api/v1/namespaces/${ns}/pods?watch=true`, line, stop.signal);
  watching.catch(() => undefined); // ended by the signal below
  try {
    await begin();
    await eventually(
      () => Promise.resolve([...new Set(seen)]),
      (shapes) => shapes.some((each) => each.includes(last)),
    );
    return [...new Set(seen)];
  } finally {
    stop.abort();
  }
}

/** A status without what differs from run to run: names, addresses, times, and how often something was tried. */
function shape(status: V1PodStatus | object | undefined): string {
  const { phase, conditions, initContainerStatuses, containerStatuses } = (status ?? {}) as V1PodStatus;
  return JSON.stringify({
    phase,
    conditions: (conditions ?? []).map(({ type, status: is, reason }) => [type, is, reason ?? ""].join(" ")).sort(),
    containers: [...(initContainerStatuses ?? []), ...(containerStatuses ?? [])].map(container),
  });
}

/** How a run has ended, with its last line. One that was killed for its memory has said whatever it had got to by then. */
const ended = ({ exitCode, reason, message }: V1ContainerStateTerminated): string =>
  `${exitCode} ${reason} ${reason === "OOMKilled" ? "" : plain(message).split("\n").at(-1)}`;

function container({ name, ready, started, restartCount, state, lastState }: V1ContainerStatus): string {
  const { waiting, running, terminated } = state ?? {};
  const last = lastState?.terminated;
  return [
    name,
    ready && "ready",
    started && "started",
    restartCount > 0 && "restarted",
    waiting && `waits: ${waiting.reason} ${plain(waiting.message)}`,
    running && "runs",
    terminated && `ended: ${ended(terminated)}`,
    last && `before: ${ended(last)}`,
  ]
    .filter(Boolean)
    .join(", ")
    .trim();
}

/** The events of scheduler, kubelet and controllers about the pod, each once. */
function said(events: readonly CoreV1Event[]): string[] {
  const lines = events
    .filter(({ involvedObject }) => involvedObject.kind === "Pod")
    .map(({ type, reason, involvedObject, message }) =>
      [type, reason, involvedObject.fieldPath ?? "", plain(message)].join(" "),
    );
  return [...new Set(lines)].sort();
}

function plain(text = ""): string {
  return text
    .trimEnd()
    .replace(/vllm-[0-9a-f]+-[a-z0-9]{5}_[\w-]+\([-0-9a-f]+\)/g, "<pod>")
    .replace(/[\w-]+\/vllm-[0-9a-f]+-[a-z0-9]{5} to [\w-]+/g, "<pod> to <node>")
    .replace(/back-off \w+ /g, "back-off <time> ")
    .replace(/secret "[\w-]+"/g, "secret <name>")
    .replace(/https?:\/\/[\w.:]+(?=[/ ])/g, "<hub>")
    .replace(/Failed core proc\(s\): \{.*\}/, "Failed core proc(s): <some>")
    .replace(/[\d.]+ [kMG]?B/g, "<size>")
    .replace(/commit [0-9a-f]{12}: \d+ of its \d+ files/g, "commit <sha>: all of its files");
}
