import { resourcePolicy, type Problem } from "../lib/policy";
import { relevantPods, rootIn } from "../lib/security";
import { at, UNKNOWN } from "../lib/values";

export const requireServiceAccountForRoot = resourcePolicy({
  name: "require-service-account-for-root",
  description:
    "A pod that runs as root has a ServiceAccount of its own, because the anyuid SCC granted to the default one is " +
    "granted to every pod of the namespace.",
  url: "https://docs.openshift.com/container-platform/latest/authentication/managing-security-context-constraints.html",
  symptom: "scc-refused",
  level: "mandatory",
  about: "both",
  *check(object): Iterable<Problem> {
    for (const pod of relevantPods(object)) {
      const root = rootIn(pod);
      if (!root.pod && root.containers.length === 0) continue;
      const account = at(pod.spec, "serviceAccountName") ?? at(pod.spec, "serviceAccount");
      if (account === UNKNOWN || (account !== undefined && account !== "default")) continue;
      yield {
        field: [...pod.path, "serviceAccountName"].join("."),
        value: account,
        must: "name an account of its own, because runAsUser is 0",
        set: "set serviceAccountName to one that may use the anyuid SCC, or drop runAsUser: 0",
      };
    }
  },
});
