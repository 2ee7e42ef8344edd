import type { KubernetesObject } from "../lib/objects";
import { mountedClaims, podsOf } from "../lib/pods";
import { stackPolicy, type StackProblem } from "../lib/policy";
import { find } from "../lib/stack";
import { asNumber, asText, at, elements, isComplete, UNKNOWN, type Value } from "../lib/values";

const replicated = ["Deployment", "DeploymentConfig", "ReplicaSet", "ReplicationController", "Rollout", "StatefulSet"];

export const oneReplicaPerClaim = stackPolicy({
  name: "one-replica-per-claim",
  description:
    "A workload that mounts a ReadWriteOnce claim has at most one replica, because a second pod on another node waits " +
    "for the volume for ever.",
  url: "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes",
  level: "mandatory",
  *check(objects): Iterable<StackProblem> {
    for (const object of objects.filter(({ kind }) => replicated.includes(kind))) {
      const claim = podsOf(object)
        .flatMap(mountedClaims)
        .find((name) => name !== UNKNOWN && isForOneNode(find(objects, "PersistentVolumeClaim", name, object)));
      if (claim === undefined) continue;
      const must = `be at most 1, because claim ${String(claim)} is ReadWriteOnce`;
      const set = "set replicas: 1, or give each replica a claim of its own";
      const replicas = at(object.value, "spec", "replicas");
      if ((asNumber(replicas) ?? 1) > 1) yield { object, field: "spec.replicas", value: replicas, must, set };
      const scaler = objects.find((other) => scales(other, object));
      const most = at(scaler?.value, "spec", "maxReplicas");
      if (scaler && (asNumber(most) ?? 1) > 1) {
        yield { object: scaler, field: "spec.maxReplicas", value: most, must, set: "set maxReplicas: 1 or remove it" };
      }
    }
  },
});

function isForOneNode(claim: KubernetesObject | undefined): boolean {
  const modes: Value | undefined = at(claim?.value, "spec", "accessModes");
  if (!claim || !isComplete(modes) || elements(modes).length === 0) return false;
  return !elements(modes).some((mode) => mode === "ReadWriteMany" || mode === "ReadOnlyMany");
}

function scales(scaler: KubernetesObject, object: KubernetesObject): boolean {
  if (scaler.kind !== "HorizontalPodAutoscaler") return false;
  const target = at(scaler.value, "spec", "scaleTargetRef");
  return asText(at(target, "kind")) === object.kind && asText(at(target, "name")) === object.name;
}
