import { sameNamespace, type KubernetesObject } from "../lib/objects";
import { matchesAny } from "../lib/patterns";
import { stackPolicy, type StackProblem } from "../lib/policy";
import { relevantPods, rootIn } from "../lib/security";
import { find } from "../lib/stack";
import { asText, at, elements, UNKNOWN } from "../lib/values";

interface Settings {
  readonly boundElsewhere: readonly string[];
}

export const requireAnyuidForRoot = stackPolicy<Settings>({
  name: "require-anyuid-for-root",
  description:
    "A pod with runAsUser 0 has a ServiceAccount that is bound to the anyuid SCC in the stack or declared as bound " +
    "elsewhere, because OpenShift refuses the pod otherwise.",
  url: "https://docs.openshift.com/container-platform/latest/authentication/managing-security-context-constraints.html#role-based-access-to-ssc_configuring-internal-oauth",
  symptom: "scc-refused",
  level: "mandatory",
  about: "both",
  settings: {
    boundElsewhere: {
      type: "array",
      items: { type: "string" },
      default: [],
      description:
        "ServiceAccounts that a cluster admin has bound, as 'name' or 'namespace/name'; an asterisk stands for any characters.",
    },
  },
  *check(objects, { boundElsewhere }): Iterable<StackProblem> {
    for (const object of objects) {
      for (const pod of relevantPods(object)) {
        const root = rootIn(pod);
        const account = at(pod.spec, "serviceAccountName") ?? at(pod.spec, "serviceAccount") ?? "default";
        if ((!root.pod && root.containers.length === 0) || typeof account !== "string") continue;
        const names = [account, `${object.namespace ?? "default"}/${account}`];
        if (names.some((name) => matchesAny(boundElsewhere, name)) || isBound(objects, account, object)) continue;
        yield {
          object,
          field: [...pod.path, "serviceAccountName"].join("."),
          value: account,
          must: "be bound to the anyuid SCC, because runAsUser is 0",
          set: "add a Role with verb use on securitycontextconstraints/anyuid and its RoleBinding, or list it in boundElsewhere",
        };
      }
    }
  },
});

/** Unknown parts of a binding may be what is looked for. */
function isBound(objects: readonly KubernetesObject[], account: string, from: KubernetesObject): boolean {
  const bindings = objects.filter(({ kind }) => kind === "RoleBinding" || kind === "ClusterRoleBinding");
  return bindings.some((binding) => hasSubject(binding, account, from) && grants(objects, binding));
}

function hasSubject(binding: KubernetesObject, account: string, from: KubernetesObject): boolean {
  if (binding.kind === "RoleBinding" && !sameNamespace(binding.namespace, from.namespace)) return false;
  const subjects = at(binding.value, "subjects");
  if (subjects === UNKNOWN) return true;
  return elements(subjects).some((subject) => {
    const name = at(subject, "name");
    if (subject === UNKNOWN || name === UNKNOWN) return true;
    if (at(subject, "kind") === "Group") {
      return name === "system:serviceaccounts" || name === `system:serviceaccounts:${from.namespace ?? ""}`;
    }
    return name === account && sameNamespace(asText(at(subject, "namespace")) ?? binding.namespace, from.namespace);
  });
}

function grants(objects: readonly KubernetesObject[], binding: KubernetesObject): boolean {
  const name = at(binding.value, "roleRef", "name");
  if (name === UNKNOWN) return true;
  if (typeof name !== "string") return false;
  if (/^system:openshift:scc:(?:anyuid|privileged)$/.test(name) || name === "cluster-admin") return true;
  const role = find(objects, asText(at(binding.value, "roleRef", "kind")) ?? "Role", name, binding);
  const rules = at(role?.value, "rules");
  if (rules === UNKNOWN) return true;
  return elements(rules).some((rule) => {
    const has = (field: string, ...wanted: string[]): boolean => {
      const values = at(rule, field);
      return (
        values === UNKNOWN ||
        elements(values).some((value) => value === UNKNOWN || wanted.includes(asText(value) ?? ""))
      );
    };
    const named = at(rule, "resourceNames") === undefined || has("resourceNames", "anyuid", "privileged");
    return (
      has("apiGroups", "security.openshift.io", "*") &&
      has("resources", "securitycontextconstraints", "*") &&
      has("verbs", "use", "*") &&
      named
    );
  });
}
