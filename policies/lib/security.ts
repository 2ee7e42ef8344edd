import { downloads } from "./downloads";
import { servesVllm } from "./evidence";
import type { KubernetesObject } from "./objects";
import { podsOf, type Container, type Pod } from "./pods";
import { at } from "./values";

/** The pods that this pack is about: those that serve vLLM or download for it. */
export function relevantPods(object: KubernetesObject): Pod[] {
  return podsOf(object).filter((pod) =>
    pod.containers.some((container) => servesVllm(container) || downloads(container)),
  );
}

/** Who in the pod runs as root: the pod itself, or the containers that say so. */
export function rootIn(pod: Pod): { pod: boolean; containers: Container[] } {
  return {
    pod: at(pod.spec, "securityContext", "runAsUser") === 0,
    containers: pod.containers.filter(({ spec }) => at(spec, "securityContext", "runAsUser") === 0),
  };
}
