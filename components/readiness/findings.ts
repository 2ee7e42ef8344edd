import type { Finding } from "./finding";
import { findSymptom, named, symptom, type Symptom } from "../symptoms";
import type { Expected, GateLimits, GateTarget } from "./contract";
import { attempts, eventKey, exits, type Memory } from "./memory";
import { observed, rollout, type Rollout, servesAs, unadmitted } from "./phase";
import { schedulingFindings } from "./scheduling";
import type { ContainerView, EventView, PodView, Snapshot, TerminatedView } from "./snapshot";

/** Everything that stands in the way at this moment, the surest first. */
export function findings(
  snapshot: Snapshot,
  memory: Memory,
  target: GateTarget,
  expected: Expected,
  limits: Pick<GateLimits, "unschedulableSeconds">,
): Finding[] {
  const rolloutProblems = deploymentFindings(snapshot, target, expected);
  if (rolloutProblems.length > 0 || !observed(snapshot, expected)) return rolloutProblems;
  const pods = rollout(snapshot);
  const found = [
    ...pods.current.flatMap((pod) => podFindings(pod, snapshot, memory, target)),
    ...thrownOutFindings(memory),
    ...claimFindings(snapshot, memory, target),
    ...admissionFindings(snapshot, memory, pods),
    ...pods.current.flatMap((pod) => schedulingFindings(pod, snapshot, pods, limits)),
    ...routeFindings(snapshot, target),
  ];
  return found.map((finding) => ({ ...finding, symptom: named(finding.symptom, target.component, target.namespace) }));
}

function deploymentFindings(snapshot: Snapshot, target: GateTarget, expected: Expected): Finding[] {
  const deployment = snapshot.deployment;
  const found = (id: string, evidence: string, patience = 8): Finding[] => [
    { symptom: symptom(id), evidence, patience },
  ];
  if (!deployment) return found("deployment-gone", `Deployment ${target.deployment} does not exist`);
  if (deployment.uid !== expected.uid) {
    return found(
      "deployment-gone",
      `Deployment ${target.deployment} has uid ${deployment.uid}, written was ${expected.uid}`,
    );
  }
  if (deployment.paused) return found("deployment-paused", `Deployment ${target.deployment} is paused`);
  if (deployment.replicas === 0)
    return found("deployment-scaled-down", `Deployment ${target.deployment} has 0 replicas`);
  return [];
}

// --- one pod ---

function podFindings(pod: PodView, snapshot: Snapshot, memory: Memory, target: GateTarget): Finding[] {
  const found = (pod.containers ?? []).flatMap((container) => {
    const at = { pod: pod.name, container: container.name };
    return [
      ...exitFinding(pod, container, snapshot, memory, target),
      ...waitingFinding(pod, container, snapshot, memory),
    ].map((finding) => ({ ...finding, ...at }));
  });
  return [...found, ...eventFindings(pod, snapshot, memory, target)];
}

function exitFinding(
  pod: PodView,
  container: ContainerView,
  snapshot: Snapshot,
  memory: Memory,
  target: GateTarget,
): Finding[] {
  const ended = container.terminated ?? container.last;
  if (!ended || (container.init && ended.exitCode === 0) || container.ready) return [];
  const count = exits(container);
  const before = memory.baseline.get(`${pod.uid}/${container.name}`) ?? 0;
  const row = exitSymptom(container, ended, snapshot.logs[`${pod.name}/${container.name}`], target);
  const evidence = exitText(container.name, ended);
  if (count <= before || row.doom === "never") return [{ symptom: row, evidence, patience: Infinity }];
  // A process that was told to stop (143) or killed from outside (137) may well succeed when it is started again.
  const killed = (ended.exitCode === 143 || ended.exitCode === 137) && ended.reason !== "OOMKilled";
  const needed = killed ? 3 : row.doom === "at-once" ? 1 : 2;
  const trying = container.running === true && row.doom !== "at-once";
  return [{ symptom: row, evidence, patience: count >= needed && !trying ? 0 : Infinity }];
}

function exitText(name: string, ended: TerminatedView): string {
  const why = ended.reason && ended.reason !== "Error" ? ` (${ended.reason})` : "";
  return `container ${name} ended with exit code ${ended.exitCode}${why}`;
}

function exitSymptom(
  container: ContainerView,
  ended: TerminatedView,
  log: string[] | undefined,
  target: GateTarget,
): Symptom {
  const area = container.name === target.downloaderContainer ? "downloader" : "server";
  const text = [ended.message ?? "", ...(log ?? [])].join("\n");
  const reason = ended.reason === "OOMKilled" ? ended.reason : undefined;
  if (reason) return symptom(`${area === "downloader" ? "downloader-out-of-memory" : "server-oom-killed"}`);
  // The kubelet reports a container that could not even be started as ended, with its own reason.
  const start = ended.reason === "StartError" || ended.reason === "ContainerCannotRun";
  return (
    (start ? findSymptom("container", { text, reason: ended.reason ?? "" }) : undefined) ??
    findSymptom(area, area === "downloader" ? { exitCode: ended.exitCode, text } : { text }) ??
    symptom(area === "downloader" ? "downloader-failed" : "server-crash-loop")
  );
}

const pullReasons = [
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "RegistryUnavailable",
  "SignatureValidationFailed",
  "ImageInspectError",
];

function waitingFinding(pod: PodView, container: ContainerView, snapshot: Snapshot, memory: Memory): Finding[] {
  const { reason, message } = container.waiting ?? {};
  if (reason === undefined) return [];
  if (pullReasons.includes(reason)) return [pullFinding(pod, container, reason, message, snapshot, memory)];
  const row = findSymptom("container", { reason });
  if (!row) return [];
  const specific = findSymptom("container", { text: message ?? "" }) ?? row;
  // The kubelet looks again about once a minute: what it said before this wait may be mended by now.
  const patience = memory.stale.has(pod.uid) ? 75 : specific.doom === "at-once" ? 5 : 10;
  return [{ symptom: specific, evidence: `${reason}: ${message ?? ""}`, patience }];
}

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
  const rows = texts.map((text) => ({ text, row: findSymptom("image", { text }) }));
  const sure = rows.find(({ row }) => row?.doom === "at-once") ?? rows.find(({ row }) => row !== undefined);
  const row = sure?.row ?? findSymptom("image", { reason }) ?? symptom("image-pull");
  const evidence = `${reason}: ${sure?.text ?? texts[0] ?? "the kubelet gives no cause"}`;
  if (memory.stale.has(pod.uid) && causes.length === 0 && row.id !== "image-name-invalid") {
    // Shown before this wait began; the kubelet tries again within 5 min, and says ErrImagePull if that fails too.
    return { symptom: row, evidence, patience: 330 };
  }
  // A registry that does not answer may answer the next time; a cause that nobody knows is given two attempts.
  const patience = row.doom === "at-once" ? 3 : row.id === "image-registry-unreachable" ? 120 : 12;
  return { symptom: row, evidence, patience };
}

function eventFindings(pod: PodView, snapshot: Snapshot, memory: Memory, target: GateTarget): Finding[] {
  const about = snapshot.events.filter((event) => event.uid === pod.uid);
  const begun = (pod.containers ?? []).some((container) => container.running || container.terminated || container.last);
  const found: Finding[] = [];
  for (const event of about) {
    const at = { evidence: `${event.reason}: ${event.message}`, pod: pod.name };
    if (!begun && (event.reason === "FailedCreatePodSandBox" || event.reason === "FailedMount")) {
      const row = findSymptom("container", { text: event.message });
      const patience = memory.stale.has(pod.uid) ? 150 : 5;
      found.push({ symptom: row ?? symptom("container-start"), ...at, patience: row ? patience : Infinity });
    }
    if (!begun && event.reason === "FailedAttachVolume") {
      found.push({ symptom: symptom("volume-attach"), ...at, patience: Infinity });
    }
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

/** Whether an event, or its series, has grown since the wait began. */
function isNew(event: EventView, snapshot: Snapshot, memory: Memory): boolean {
  const uid = event.uid ?? "";
  return !memory.stale.has(uid) || attempts(snapshot, uid, event.reason) > (memory.attempts.get(eventKey(event)) ?? 0);
}

function thrownOutFindings(memory: Memory): Finding[] {
  const last = [...memory.thrownOut.values()].at(-1);
  if (!last) return [];
  const evidence = `${memory.thrownOut.size} pods failed, the last one: ${last.reason}: ${last.message}`;
  return [{ symptom: symptom("pod-evicted"), evidence, patience: memory.thrownOut.size >= 3 ? 0 : Infinity }];
}

// --- what a pod needs before it starts ---

function admissionFindings(snapshot: Snapshot, memory: Memory, pods: Rollout): Finding[] {
  const set = pods.replicaSet;
  if (!set || pods.current.length > 0) return [];
  const failure = set.conditions?.find(
    (condition) => condition.type === "ReplicaFailure" && condition.status === "True",
  );
  const told = snapshot.events.filter((event) => event.uid === set.uid && event.reason === "FailedCreate");
  const text = failure?.message ?? told.at(-1)?.message;
  if (text === undefined) return [];
  const row = findSymptom("admission", { text, reason: "FailedCreate" }) ?? symptom("admission-refused");
  const retried = told.some((event) => isNew(event, snapshot, memory));
  const old = memory.stale.has(set.uid) && !retried;
  const room = row.id === "quota-exceeded" && pods.leaving.length > 0;
  return [{ symptom: row, evidence: text, patience: old || room ? Infinity : row.doom === "at-once" ? 6 : 10 }];
}

function claimFindings(snapshot: Snapshot, memory: Memory, target: GateTarget): Finding[] {
  const claim = snapshot.claim;
  if (!claim || claim.phase === "Bound") return [];
  if (claim.phase === "Lost")
    return [{ symptom: symptom("claim-lost"), evidence: `claim ${target.claim} is Lost`, patience: 3 }];
  return snapshot.events
    .filter((event) => event.uid === claim.uid)
    .flatMap((event) => {
      const row = findSymptom("volume", { text: event.message, reason: event.reason });
      if (!row || event.reason === "WaitForFirstConsumer") return [];
      // The volume controller looks again every 15 s, so an old message needs that long to be taken back.
      const fresh = row.doom === "at-once" ? 5 : 12;
      const patience = row.doom === "never" ? Infinity : memory.stale.has(claim.uid) ? 35 : fresh;
      return [{ symptom: row, evidence: `claim ${target.claim}: ${event.reason}: ${event.message}`, patience }];
    });
}

function routeFindings(snapshot: Snapshot, target: GateTarget): Finding[] {
  const { host, ingress = [] } = snapshot.route ?? {};
  if (target.route === undefined || !unadmitted(snapshot, target)) return [];
  const refused = ingress.find((router) => router.admitted === "False" && servesAs(router.host, host));
  if (refused) {
    const { reason, message } = refused;
    const row = findSymptom("route", {
      ...(message !== undefined && { text: message }),
      ...(reason !== undefined && { reason }),
    });
    const evidence = `Route ${target.route} (${refused.host ?? "no host"}): ${reason ?? "rejected"}: ${message ?? ""}`;
    return [{ symptom: row ?? symptom("route-rejected"), evidence, patience: 5 }];
  }
  const elsewhere = ingress.find((router) => router.admitted === "True");
  if (!elsewhere) return [];
  const evidence = `Route ${target.route} has the host ${host ?? ""}; its router exposes it as ${elsewhere.host ?? ""}`;
  // Another router may serve it yet: this explains the limit when it is reached.
  return [{ symptom: symptom("route-other-host"), evidence, patience: Infinity }];
}
