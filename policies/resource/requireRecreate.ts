import { podServesVllm } from "../lib/evidence";
import { sameNamespace, type KubernetesObject } from "../lib/objects";
import { isForManyNodes, mountedClaims, podsOf } from "../lib/pods";
import { dig, resourcePolicy, type Problem } from "../lib/policy";
import { asText, at, UNKNOWN } from "../lib/values";

interface Settings {
  readonly readWriteManyClaims: readonly string[];
}

/** Claims that this run has registered: with an output of theirs as `claimName`, they come before the Deployment. */
const seen = new Map<string, KubernetesObject>();

export const requireRecreate = resourcePolicy<Settings>({
  name: "require-recreate",
  description:
    "A Deployment that serves vLLM, or mounts a claim that is not known to be ReadWriteMany, uses strategy Recreate, " +
    "because a rolling update starts a second pod that waits forever for the first one's GPU and volume.",
  url: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment",
  level: "mandatory",
  about: "servers",
  required: true,
  mends: true,
  settings: {
    readWriteManyClaims: {
      type: "array",
      items: { type: "string" },
      default: [],
      description: "Claims outside the stack that are ReadWriteMany, as 'name' or 'namespace/name'.",
    },
  },
  *check(object, settings): Iterable<Problem> {
    if (object.kind === "PersistentVolumeClaim") seen.set(object.urn, object);
    if (object.kind !== "Deployment" && object.kind !== "DeploymentConfig") return;
    const type = at(object.value, "spec", "strategy", "type");
    if (type === "Recreate" || type === UNKNOWN || (type === undefined && object.partial)) return;
    const why = reason(object, settings, replacesInPlace(object));
    if (why === undefined) return;
    yield {
      field: "spec.strategy.type",
      value: type,
      must: `be "Recreate", because ${why}`,
      set: 'set strategy: { type: "Recreate" }',
      mend: (properties) => {
        const spec = dig(properties, [...object.path, "spec"]);
        // The parameters of a rolling update are refused beside Recreate.
        spec.strategy = { type: "Recreate" };
      },
    };
  },
});

/** `maxSurge: 0` ends the old pod before the new one starts, as Recreate does; `true` too where it is not known yet. */
function replacesInPlace(object: KubernetesObject): boolean {
  const strategy = at(object.value, "spec", "strategy");
  const surge = at(strategy, "rollingUpdate", "maxSurge") ?? at(strategy, "rollingParams", "maxSurge");
  return surge === UNKNOWN || surge === 0 || surge === "0" || surge === "0%";
}

function reason(object: KubernetesObject, settings: Settings, inPlace: boolean): string | undefined {
  for (const pod of podsOf(object)) {
    if (podServesVllm(pod) && !inPlace) return "it serves vLLM and its GPU is free only when the old pod is gone";
    for (const claim of mountedClaims(pod)) {
      // A name that is not known yet may be that of a shared claim.
      if (claim === UNKNOWN || isShared(claim, object.namespace, settings)) continue;
      return (
        `claim ${claim} is not known to be ReadWriteMany (register it before the Deployment, ` +
        "or list it in the policy's readWriteManyClaims)"
      );
    }
  }
  return undefined;
}

function isShared(claim: string, namespace: string | undefined, settings: Settings): boolean {
  if (settings.readWriteManyClaims.includes(claim)) return true;
  if (settings.readWriteManyClaims.includes(`${namespace ?? "default"}/${claim}`)) return true;
  const modes = [...seen.values()]
    .filter(
      (other) => asText(at(other.value, "metadata", "name")) === claim && sameNamespace(other.namespace, namespace),
    )
    .map((other) => at(other.value, "spec", "accessModes"));
  return modes.length > 0 && modes.every(isForManyNodes);
}
