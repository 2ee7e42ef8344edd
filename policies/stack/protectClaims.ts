import type { KubernetesObject } from "../lib/objects";
import { matchesAny, productionStacks } from "../lib/patterns";
import { mountedClaims } from "../lib/pods";
import { stackPolicy, type StackProblem } from "../lib/policy";
import { relevantPods } from "../lib/security";
import { find } from "../lib/stack";
import { UNKNOWN } from "../lib/values";

interface Settings {
  readonly productionStacks: readonly string[];
}

export const protectClaims = stackPolicy<Settings>({
  name: "protect-claims",
  description:
    "In production the claim with the models and its namespace are protected, because whoever deletes the one or the " +
    "other deletes every model on it.",
  url: "https://www.pulumi.com/docs/iac/concepts/options/protect/",
  level: "mandatory",
  settings: { productionStacks },
  *check(objects, settings): Iterable<StackProblem> {
    const guarded = new Set<KubernetesObject>();
    for (const object of objects.filter(({ stack }) => matchesAny(settings.productionStacks, stack))) {
      for (const name of relevantPods(object).flatMap(mountedClaims)) {
        const claim = name === UNKNOWN ? undefined : find(objects, "PersistentVolumeClaim", name, object);
        if (!claim) continue;
        guarded.add(claim);
        const namespace = objects.find((other) => isNamespaceOf(other, claim));
        if (namespace) guarded.add(namespace);
      }
    }
    for (const object of [...guarded].filter(({ protect }) => !protect)) {
      const must = `be set, because stack ${object.stack} is production`;
      yield { object, field: "protect", value: false, must, set: "set the resource option protect: true" };
    }
  },
});

function isNamespaceOf(object: KubernetesObject, claim: KubernetesObject): boolean {
  const isNamespace = object.kind === "Namespace" || object.kind === "Project" || object.kind === "ProjectRequest";
  return isNamespace && object.name === claim.namespace;
}
