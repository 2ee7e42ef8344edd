import { findSymptom, named, symptom, type Symptom, type SymptomId, told } from "../symptoms";
import type { Expected, GateLimits, GateTarget } from "./contract";
import { runFindings } from "./containers";
import type { Finding } from "./finding";
import { eventFindings, waitingFinding } from "./kubelet";
import { isNew, type Memory } from "./memory";
import { observed, rollout, type Rollout, servesAs, unadmitted } from "./phase";
import { schedulingFindings } from "./scheduling";
import type { PodView, Snapshot } from "./snapshot";

/** Everything that stands in the way at this moment, the surest first. */
export function findings(
  snapshot: Snapshot,
  memory: Memory,
  target: GateTarget,
  expected: Expected,
  limits: Pick<GateLimits, "unschedulableSeconds">,
  pods: Rollout = rollout(snapshot),
): Finding[] {
  const rolloutProblems = deploymentFindings(snapshot, target, expected);
  if (rolloutProblems.length > 0 || !observed(snapshot, expected)) return rolloutProblems;
  const found = [
    ...pods.current.flatMap((pod) => podFindings(pod, snapshot, memory, target)),
    ...thrownOutFindings(memory),
    ...claimFindings(snapshot, memory, target),
    ...admissionFindings(snapshot, memory, pods),
    ...pods.current.flatMap((pod) => schedulingFindings(pod, snapshot, pods, limits)),
    ...routeFindings(snapshot, target),
  ];
  return found.map((finding) => {
    const row = told(finding.symptom, finding.evidence);
    return { ...finding, symptom: named(row, target.component, target.namespace) };
  });
}

function deploymentFindings(snapshot: Snapshot, target: GateTarget, expected: Expected): Finding[] {
  const deployment = snapshot.deployment;
  const found = (id: SymptomId, evidence: string, patience = 8): Finding[] => [
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
      ...runFindings(pod, container, snapshot, memory, target),
      ...waitingFinding(pod, container, snapshot, memory),
    ].map((finding) => ({ ...finding, ...at }));
  });
  const events = eventFindings(pod, snapshot, memory, target);
  // The probe gives up on a start that stands still: where it stands says more than that it was too slow.
  const gaveUp = events.some(({ symptom: { id } }) => id === "server-startup-too-slow");
  return [
    ...found.map((finding) =>
      gaveUp && finding.symptom.id === "server-standing-still" ? { ...finding, patience: 0 } : finding,
    ),
    ...events,
  ];
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
  return [{ symptom: row, evidence: text, patience: old || room ? Infinity : refusedSeconds(row) }];
}

/**
 * A ReplicaSet's controller tries again after 1.3, 2.6 and 5.1 s: what was made a moment before (the grant of an SCC) is known by then,
 * and so is the room that an old pod leaves in a quota.
 */
function refusedSeconds({ id }: Symptom): number {
  return id === "admission-webhook-unreachable" ? 60 : 3;
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
      const fresh = row.doom === "at-once" ? 3 : 12;
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
    return [{ symptom: row ?? symptom("route-rejected"), evidence, patience: 3 }];
  }
  const elsewhere = ingress.find((router) => router.admitted === "True");
  if (!elsewhere) return [];
  const evidence = `Route ${target.route} has the host ${host ?? ""}; its router exposes it as ${elsewhere.host ?? ""}`;
  // Another router may serve it yet: this explains the limit when it is reached.
  return [{ symptom: symptom("route-other-host"), evidence, patience: Infinity }];
}
