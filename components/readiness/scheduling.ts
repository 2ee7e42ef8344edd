import { findSymptom, symptom, type Symptom } from "../symptoms";
import type { GateLimits } from "./contract";
import type { Finding } from "./finding";
import { gpuObstacle } from "./nodes";
import type { Rollout } from "./phase";
import type { PodView, Snapshot } from "./snapshot";

/** What keeps a pod from finding a node. */
export function schedulingFindings(
  pod: PodView,
  snapshot: Snapshot,
  pods: Rollout,
  { unschedulableSeconds }: Pick<GateLimits, "unschedulableSeconds">,
): Finding[] {
  const scheduled = pod.conditions?.find((condition) => condition.type === "PodScheduled");
  if (scheduled?.status !== "False" || scheduled.reason !== "Unschedulable") return [];
  // What the scheduler adds about preemption and resource claims says nothing here.
  const message = (scheduled.message ?? "").replace(/\s*(no new claims to deallocate, )?preemption: .*$/s, "");
  const { symptom: row, said } = schedulingSymptom(message, snapshot);
  // Help is on its way: a pod that makes room is stopping, the scheduler evicts another one, or an autoscaler adds a node.
  const coming =
    pods.leaving.length > 0 ||
    pod.nominatedNode !== undefined ||
    snapshot.events.some(
      (event) => event.uid === pod.uid && (event.reason === "TriggeredScaleUp" || event.reason === "Nominated"),
    );
  // Immediate volume binding makes the scheduler wait for the provisioner.
  const provisioning = /unbound immediate PersistentVolumeClaims/i.test(message) && snapshot.claim?.phase !== "Lost";
  const patience = coming ? Infinity : Math.max(unschedulableSeconds, provisioning ? 120 : 0);
  return [{ symptom: row, evidence: said === undefined ? message : `${message} (${said})`, pod: pod.name, patience }];
}

/** What the nodes show beats what the scheduler counts, unless it is no matter of GPUs at all. */
function schedulingSymptom(message: string, snapshot: Snapshot): { symptom: Symptom; said?: string } {
  const told =
    findSymptom("scheduling", { text: withoutControlPlane(message), reason: "Unschedulable" }) ??
    symptom("unschedulable");
  const concernsGpu = /insufficient nvidia\.com|untolerated taint|affinity\/selector|were unschedulable/i.test(message);
  const seen = concernsGpu && told.id !== "scheduling-volume" ? gpuObstacle(snapshot.nodes ?? []) : undefined;
  if (!seen) return { symptom: told };
  // Workers without GPUs are counted as short of them too; if they alone are, the GPU node is short of something else.
  const short = Number(/(\d+) Insufficient nvidia\.com/i.exec(message)?.[1] ?? 0);
  const without = (snapshot.nodes ?? []).filter((node) => node.gpus < node.wanted).length;
  if (
    seen.id === "no-gpu-free" &&
    short <= without &&
    /insufficient (cpu|memory|ephemeral-storage|pods)/i.test(message)
  ) {
    return { symptom: symptom("insufficient-resources") };
  }
  return { symptom: symptom(seen.id), said: seen.said };
}

/** A control-plane node's taint is no news: nobody expects a GPU there. */
function withoutControlPlane(message: string): string {
  const stripped = message.replace(
    /,?\s*\d+ node\(s\) had untolerated taint \{node-role\.kubernetes\.io\/(master|control-plane)[^}]*\}/g,
    "",
  );
  return /are available:\s*[.,]?\s*(preemption:|$)/i.test(stripped) ? message : stripped;
}
