import type { ResolvedArgs } from "../args/resolve";

type Target = Pick<ResolvedArgs, "namespace" | "names">;

/** What to do about a failed operation, by the object's type; nothing when rights are not the matter. */
export function rightsRemedy(
  type: string,
  errors: readonly string[],
  { namespace, names }: Target,
): string | undefined {
  if (!errors.some((error) => /\bforbidden\b/i.test(error))) return undefined;
  switch (type) {
    case "kubernetes:core/v1:Namespace":
      return (
        `You may not create the namespace ${namespace}. Ask your cluster admin for it, or run ` +
        `\`oc new-project ${namespace}\`; then \`pulumi config set createNamespace false\`.`
      );
    case "kubernetes:rbac.authorization.k8s.io/v1:Role":
    case "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding":
      return (
        "You may not grant the anyuid SCC. Either run without it: `pulumi config set securityMode restricted`. Or ask your " +
        `cluster admin to run \`oc adm policy add-scc-to-user anyuid -z ${names.serviceAccount} -n ${namespace}\`; then ` +
        "`pulumi config set grantScc false`."
      );
    default:
      return undefined;
  }
}
