import type { Container, Pod } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";
import { relevantPods } from "../lib/security";
import { asText, at, elements, UNKNOWN } from "../lib/values";

export const forbidHostAccess = resourcePolicy({
  name: "forbid-host-access",
  description:
    "A pod that serves or downloads is not privileged and has no host namespace, no hostPath and no added capability, " +
    "because vLLM needs none of them and the node is everybody's.",
  url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
  symptom: "scc-refused",
  level: "mandatory",
  about: "both",
  *check(object): Iterable<Problem> {
    for (const pod of relevantPods(object)) {
      yield* ofPod(pod);
      for (const container of pod.containers) yield* ofContainer(container);
    }
  },
});

function* ofPod(pod: Pod): Iterable<Problem> {
  for (const name of ["hostNetwork", "hostPID", "hostIPC"]) {
    const value = at(pod.spec, name);
    if (value === true) yield { field: [...pod.path, name].join("."), value, must: "not be set", set: "remove it" };
  }
  for (const volume of elements(at(pod.spec, "volumes"))) {
    if (volume === UNKNOWN || at(volume, "hostPath") === undefined) continue;
    yield {
      field: `volumes.${asText(at(volume, "name")) ?? ""}.hostPath`,
      value: at(volume, "hostPath", "path"),
      must: "not be a path of the node",
      set: "set a persistentVolumeClaim or an emptyDir",
    };
  }
}

function* ofContainer(container: Container): Iterable<Problem> {
  const security = at(container.spec, "securityContext");
  const privileged = at(security, "privileged");
  if (privileged === true) {
    const problem = { field: "securityContext.privileged", value: privileged, must: "not be set", set: "remove it" };
    yield { container: container.name, ...problem };
  }
  const added = elements(at(security, "capabilities", "add")).filter((name) => name !== UNKNOWN);
  if (added.length > 0) {
    const problem = { field: "securityContext.capabilities.add", value: added, must: "be empty", set: "remove it" };
    yield { container: container.name, ...problem };
  }
}
