import { findSymptom, symptom, type Symptom } from "../symptoms";
import type { GateTarget } from "./contract";
import type { Finding } from "./finding";
import { attempts, isNew, type Memory } from "./memory";
import type { ContainerView, EventView, PodView, Snapshot } from "./snapshot";

const pullReasons = [
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "RegistryUnavailable",
  "SignatureValidationFailed",
  "ImageInspectError",
];

/**
 * How long each may stay, in seconds. The kubelet tries again by itself whatever it says: a cause that lies in the configuration stays,
 * and is seen at its second word; networks, mounts and GPUs of a node that has just come get the time that they were seen to take.
 */
export const patience = {
  /** A cause in the configuration. */
  sure: 2,
  /** What one of the kubelet's next tries may mend: they come after 10 and 20 s. */
  other: 40,
  /** A Secret or ConfigMap, which the same `up` may have made a moment after the pod. */
  missing: 3,
  /** A cause in the configuration that was said once. */
  once: 12,
  /** The kubelet looks again about once a minute: what it said before this wait may be mended by now. */
  stale: 75,
  /** A pod's sandbox or volume: https://kubernetes.io/docs/tasks/administer-cluster/out-of-service-taint/ bounds what takes longer. */
  surroundings: 150,
  /** As long again as a node may be silent before it counts as not ready. */
  node: 40,
} as const;

/** What a container waits for that it may never get. */
export function waitingFinding(pod: PodView, container: ContainerView, snapshot: Snapshot, memory: Memory): Finding[] {
  const { reason, message } = container.waiting ?? {};
  if (reason === undefined) return [];
  if (pullReasons.includes(reason)) return [pullFinding(pod, container, reason, message, snapshot, memory)];
  const row = findSymptom("container", { reason });
  if (!row) return [];
  const specific = findSymptom("container", { text: message ?? "" }) ?? row;
  const software = gpuSoftwareFinding(specific, `${reason}: ${message ?? ""}`, snapshot);
  if (software) return [software];
  const missing = specific.id === "missing-secret" || specific.id === "missing-config-map";
  const fresh = missing ? patience.missing : specific.doom === "at-once" ? patience.sure : patience.other;
  const node = pod.node === undefined ? "" : ` (node ${pod.node})`;
  const evidence = `${reason}: ${message ?? ""}${node}`;
  if (specific.doom === "never") return [{ symptom: specific, evidence, patience: Infinity }];
  return [
    {
      symptom: specific,
      evidence,
      patience: memory.stale.has(pod.uid) ? patience.stale : fresh,
    },
  ];
}

const needsGpuSoftware: readonly (string | undefined)[] = ["gpu-stack", "runtime-handler"];

/** Whether a text says that a node's GPU software is not as a container needs it. */
export function gpuTrouble(text: string): boolean {
  return text !== "" && needsGpuSoftware.includes(findSymptom("container", { text })?.id);
}

/** The GPU operator is still at it, or cannot get on with it: more is known then than that a container does not get its GPU. */
function gpuSoftwareFinding(
  row: Symptom | undefined,
  words: string,
  { gpuSoftware = [] }: Snapshot,
): Pick<Finding, "symptom" | "patience" | "evidence"> | undefined {
  if (gpuSoftware.length === 0 || !needsGpuSoftware.includes(row?.id)) return undefined;
  const evidence = `${words} (not ready: ${gpuSoftware.join(", ")})`;
  return { symptom: symptom("gpu-operator"), patience: patience.surroundings, evidence };
}

/** What is of the network or of the node's own disk. */
const slowPulls: readonly string[] = ["image-registry-unreachable", "image-layer", "image-disk-full"];

function pullFinding(
  pod: PodView,
  container: ContainerView,
  reason: string,
  message: string | undefined,
  snapshot: Snapshot,
  memory: Memory,
): Finding {
  const causes = memory.pullCauses.get(`${pod.uid}/${container.name}`) ?? [];
  const told = snapshot.events.filter(
    (event) => event.uid === pod.uid && event.reason === "Failed" && /pull/i.test(event.message),
  );
  const texts = [...causes, ...(message === undefined ? [] : [message]), ...told.map((event) => event.message)];
  const rows = texts.map((text) => ({
    text,
    row: findSymptom("image", { text: withoutNames(text, container.image) }),
  }));
  const sure = rows.find(({ row }) => row?.doom === "at-once") ?? rows.find(({ row }) => row !== undefined);
  const row = sure?.row ?? findSymptom("image", { reason }) ?? symptom("image-pull");
  const node = pod.node === undefined ? "" : ` (node ${pod.node})`;
  const evidence = `${reason}: ${sure?.text ?? texts[0] ?? "the kubelet gives no cause"}${node}`;
  if (memory.stale.has(pod.uid) && causes.length === 0 && row.id !== "image-name-invalid") {
    // Shown before this wait began; the kubelet tries again within 5 min, and says ErrImagePull if that fails too.
    return { symptom: row, evidence, patience: 330 };
  }
  // A registry that does not answer may answer the next time; a cause that nobody knows is given two attempts.
  const slow = slowPulls.includes(row.id) ? 120 : 12;
  return { symptom: row, evidence, patience: row.doom === "at-once" ? patience.sure : slow };
}

/** A pull's error without the image's name, tag and address: these say nothing of the cause, whatever they look like (`x:3.403`, `vllm-tls`). */
export function withoutNames(text: string, image = ""): string {
  const repository = image.replace(/(:[^:/]*)?(@.*)?$/, "");
  return [image, repository]
    .filter((name) => name !== "")
    .reduce((left, name) => left.replaceAll(name, ""), text.replace(/https?:\/\/[^\s"]+|manifest \S+ in /g, ""));
}

/** What the events of a pod say of it. */
export function eventFindings(pod: PodView, snapshot: Snapshot, memory: Memory, target: GateTarget): Finding[] {
  const about = snapshot.events.filter((event) => event.uid === pod.uid);
  const begun = (pod.containers ?? []).some((container) => container.running || container.terminated || container.last);
  const found: Finding[] = [...nodeFinding(pod, about, snapshot, memory)];
  for (const event of about) {
    const at = { evidence: `${event.reason}: ${event.message}`, pod: pod.name };
    if (!begun) found.push(...startFinding(event, about, snapshot, memory).map((finding) => ({ ...at, ...finding })));
    if (event.reason === "Killing" && /failed startup probe/i.test(event.message) && isNew(event, snapshot, memory)) {
      found.push({
        symptom: symptom("server-startup-too-slow"),
        ...at,
        container: target.serverContainer,
        patience: 0,
      });
    }
  }
  return found;
}

/** What keeps the kubelet from starting a pod's first container. It tries again, so nothing is a doom at its first word. */
function startFinding(
  event: EventView,
  about: EventView[],
  snapshot: Snapshot,
  memory: Memory,
): (Pick<Finding, "symptom" | "patience"> & { evidence?: string })[] {
  const sandbox = event.reason === "FailedCreatePodSandBox" || event.reason === "NetworkNotReady";
  const mount = event.reason === "FailedMount";
  if (event.reason === "FailedAttachVolume") return [{ symptom: symptom("volume-attach"), patience: Infinity }];
  if (!sandbox && !mount) return [];
  const row = findSymptom("container", { text: event.message });
  const software = sandbox && gpuSoftwareFinding(row, `${event.reason}: ${event.message}`, snapshot);
  if (software) return [software];
  const stale = memory.stale.has(event.uid ?? "");
  const configured =
    row !== undefined && (mount ? ["missing-secret", "missing-config-map"] : ["runtime-handler"]).includes(row.id);
  if (configured) {
    // Where the GPU operator's DaemonSets are seen to be ready, nobody is about to bring a handler that is missing.
    const settled = row.id === "runtime-handler" && snapshot.gpuSoftware !== undefined;
    const sure = settled || attempts(snapshot, event.uid ?? "", event.reason) > 1;
    return [{ symptom: row, patience: stale ? patience.surroundings : sure ? patience.sure : patience.once }];
  }
  if (mount) {
    // What follows from an attachment that takes its time says no more than that.
    const attaching =
      about.some(({ reason }) => reason === "FailedAttachVolume") ||
      /timed out waiting for the condition|WaitForAttach|multi-attach|not (yet )?(been )?attached/i.test(event.message);
    return [
      attaching
        ? { symptom: symptom("volume-attach"), patience: Infinity }
        : { symptom: symptom("volume-mount"), patience: patience.surroundings },
    ];
  }
  // A network plugin that is asked too long is the network's fault all the same.
  if (row?.doom === "never" && !/network|\bCNI\b/i.test(event.message)) return [{ symptom: row, patience: Infinity }];
  return [{ symptom: symptom(row?.id === "gpu-stack" ? "gpu-stack" : "pod-network"), patience: patience.surroundings }];
}

/** A node that no longer answers: what its kubelet last said of the pod stays, and says nothing any more. */
function nodeFinding(pod: PodView, about: EventView[], snapshot: Snapshot, memory: Memory): Finding[] {
  const event = about.find(({ reason }) => reason === "NodeNotReady");
  const condition = pod.conditions?.find(({ type, reason }) => type === "Ready" && reason === "NodeNotReady");
  const seen = snapshot.host?.name === pod.node ? snapshot.host?.ready : undefined;
  if (seen === true || (!condition && !(event && isNew(event, snapshot, memory)))) return [];
  const why = snapshot.host?.message ?? event?.message ?? condition?.message ?? "Node is not ready";
  const evidence = `node ${pod.node ?? "?"} has become NotReady under pod ${pod.name}: ${why}`;
  return [{ symptom: symptom("node-not-ready"), evidence, pod: pod.name, patience: patience.node }];
}
