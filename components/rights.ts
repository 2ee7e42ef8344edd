import * as pulumi from "@pulumi/pulumi";

/** What to do where the user may not make an object, by the object's type. */
const remedies: Record<string, string> = {
  "kubernetes:core/v1:Namespace":
    "You may not create namespaces. Ask your cluster admin for the namespace (or run `oc new-project`), then set " +
    "`pulumi config set createNamespace false`.",
  "kubernetes:rbac.authorization.k8s.io/v1:Role": sccRemedy(),
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": sccRemedy(),
};

function sccRemedy(): string {
  return (
    "You may not grant the anyuid SCC. Either set `pulumi config set securityMode restricted`, which needs no grant; or " +
    "ask your cluster admin to run `oc adm policy add-scc-to-user anyuid -z <name>-sa -n <namespace>`, then set " +
    "`pulumi config set grantScc false`."
  );
}

/** What to say about a failed operation; nothing when rights are not the matter. */
export function rightsRemedy(type: string, errors: readonly string[]): string | undefined {
  const refused = errors.some((error) => /\bforbidden\b|attempting to grant RBAC permissions/i.test(error));
  return refused ? remedies[type] : undefined;
}

/** Says the way out beside the provider's own error, which names only the missing right. It never retries. */
export function rightsHook(name: string): pulumi.ErrorHook {
  return new pulumi.ErrorHook(name, async ({ type, errors }) => {
    const remedy = rightsRemedy(type, errors);
    if (remedy !== undefined) await pulumi.log.error(remedy);
    return false;
  });
}
