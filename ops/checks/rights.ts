import { ApiError } from "../../components/cluster/apiError";
import type { ClusterClient } from "../../components/cluster/client";
import { rightsRemedy } from "../../components/hooks/rights";
import { grantsScc } from "../../components/manifests/identity";
import type { ResolvedArgs } from "../../components/args/resolve";
import type { OpsStack } from "../stack/openStack";
import { type Check, type Checked, type CheckFinding, fine, type Skipped } from "./check";

/** Whether this account may do what `up` and these commands do. */
export const rightsChecks: readonly Check[] = [
  { id: "rights", title: "rights", deployed: false, run: rights },
  { id: "scc", title: "SCC", deployed: false, run: scc },
];

/** https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access */
export interface Right {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  name?: string;
  namespace?: string;
}

/** Every right that `up` and these commands need. */
export function neededRights(args: ResolvedArgs, namespaceExists: boolean): Right[] {
  const core = [
    "serviceaccounts",
    "secrets",
    "configmaps",
    "services",
    ...(args.existingClaim === undefined ? ["persistentvolumeclaims"] : []),
  ];
  const kinds: [string, string][] = [
    ...core.map((resource): [string, string] => ["", resource]),
    ["apps", "deployments"],
    ...(args.routeEnabled ? [["route.openshift.io", "routes"] as [string, string]] : []),
    ...(grantsScc(args) ? ["roles", "rolebindings"] : []).map((resource): [string, string] => [
      "rbac.authorization.k8s.io",
      resource,
    ]),
  ];
  const { namespace } = args;
  const writes = kinds.flatMap(([group, resource]) =>
    ["get", "create", "patch", "delete"].map((verb): Right => ({ verb, group, resource, namespace })),
  );
  const of = (group: string, resource: string, verbs: string[], subresource?: string): Right[] =>
    verbs.map((verb) => ({ verb, group, resource, namespace, ...(subresource !== undefined && { subresource }) }));
  const commands: Right[] = [
    ...of("", "pods", ["get", "list"]),
    ...of("", "pods", ["get"], "log"),
    ...of("", "events", ["list"]),
    ...of("apps", "replicasets", ["list"]),
    ...(args.existingClaim === undefined ? [] : of("", "persistentvolumeclaims", ["get"])),
    // The helper pods of `cuda-probe` and `redownload`, and how the latter stops the server and keeps a second one out.
    ...of("", "pods", ["create", "delete"]),
    ...of("apps", "deployments", ["patch"], "scale"),
    ...of("coordination.k8s.io", "leases", ["get", "create", "update", "delete"]),
  ];
  const make: Right[] =
    args.createNamespace && !namespaceExists ? [{ verb: "create", group: "", resource: "namespaces" }] : [];
  return [...make, ...writes, ...commands];
}

type RightsStack = Pick<OpsStack, "args" | "name">;

export async function rights({
  client,
  stack,
}: {
  client: ClusterClient;
  stack: RightsStack;
}): Promise<CheckFinding | CheckFinding[]> {
  const { args } = stack;
  const exists = await namespaceExists(client, args.namespace);
  const needed = neededRights(args, exists);
  const answers = await Promise.all(needed.map(async (right) => ({ right, allowed: await allowed(client, right) })));
  const missing = answers.filter((answer) => !answer.allowed).map(({ right }) => right);
  if (missing.length === 0) return fine(`all ${needed.length} rights that \`up\` and these commands need`);
  const named = ({ resource, subresource }: Right): string =>
    subresource === undefined ? resource : `${resource}/${subresource}`;
  return [...new Set(missing.map(named))].map((resource) => {
    const verbs = missing.filter((right) => named(right) === resource).map(({ verb }) => verb);
    const where = resource === "namespaces" ? "" : ` in namespace ${args.namespace}`;
    return {
      severity: "error",
      evidence: `missing: ${verbs.join(", ")} ${resource}${where}`,
      ...mendOf(resource, stack),
    };
  });
}

/** Whoever may not look takes it for missing: then the right to make it is asked for. */
async function namespaceExists(client: ClusterClient, namespace: string): Promise<boolean> {
  try {
    return (await client.get(`/api/v1/namespaces/${namespace}`)) !== undefined;
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return false;
    throw error;
  }
}

/** What to type about a missing right; and the words of a failed `up`, where it has some. */
function mendOf(resource: string, { args, name }: RightsStack): Pick<CheckFinding, "mend" | "remedy"> {
  const { namespace } = args;
  const restricted = `pulumi config set securityMode restricted --stack ${name}`;
  const known: Record<string, { type: string; mend: string }> = {
    namespaces: { type: "kubernetes:core/v1:Namespace", mend: `oc new-project ${namespace}` },
    roles: { type: "kubernetes:rbac.authorization.k8s.io/v1:Role", mend: restricted },
    rolebindings: { type: "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", mend: restricted },
  };
  const { type = "", mend = `oc adm policy add-role-to-user edit <you> -n ${namespace}` } = known[resource] ?? {};
  return { mend, remedy: rightsRemedy(type, ["forbidden"], args) ?? "an admin of the namespace may do that" };
}

export async function allowed(
  client: ClusterClient,
  { verb, group, resource, subresource, name, namespace }: Right,
): Promise<boolean> {
  const resourceAttributes = {
    verb,
    group,
    resource,
    ...(subresource !== undefined && { subresource }),
    ...(name !== undefined && { name }),
    ...(namespace !== undefined && { namespace }),
  };
  const review = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes },
  };
  const answer = await client.send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review);
  return (answer as { status?: { allowed?: boolean } }).status?.allowed === true;
}

const sccUse = { verb: "use", group: "security.openshift.io", resource: "securitycontextconstraints", name: "anyuid" };

async function scc({ client, stack }: Checked): Promise<CheckFinding | Skipped> {
  const { args } = stack;
  if (args.securityMode === "restricted") return fine("securityMode is restricted: there is nothing to grant");
  const openShift = await client.get("/apis/security.openshift.io/v1");
  const routes = await client.get("/apis/route.openshift.io/v1");
  if (!openShift && !routes) return { severity: "note", evidence: "this cluster is no OpenShift: there are no SCCs" };
  const { namespace, names } = args;
  if (!args.grantScc) {
    const user = `system:serviceaccount:${namespace}:${names.serviceAccount}`;
    const spec = {
      user,
      groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`],
      resourceAttributes: { ...sccUse, namespace },
    };
    const review = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "LocalSubjectAccessReview",
      metadata: { namespace },
      spec,
    };
    const answer = await client.send(
      "POST",
      `/apis/authorization.k8s.io/v1/namespaces/${namespace}/localsubjectaccessreviews`,
      review,
    );
    if ((answer as { status?: { allowed?: boolean } }).status?.allowed)
      return fine(`${names.serviceAccount} may use the SCC anyuid`);
    const mend = `oc adm policy add-scc-to-user anyuid -z ${names.serviceAccount} -n ${namespace}   # by a cluster admin`;
    return { severity: "error", evidence: `${names.serviceAccount} may not use the SCC anyuid`, mend };
  }
  // RBAC lets nobody grant what they do not hold, unless they may escalate.
  const escalate = { verb: "escalate", group: "rbac.authorization.k8s.io", resource: "roles", namespace };
  if ((await allowed(client, { ...sccUse, namespace })) || (await allowed(client, escalate)))
    return fine("this account may grant the SCC anyuid");
  return {
    severity: "error",
    evidence: "this account may not grant the SCC anyuid",
    ...mendOf("roles", stack),
  };
}
