import { grantsScc } from "../../components/manifests/identity";
import { ownerAnnotation } from "../../components/manifests/labels";
import type { ResolvedArgs } from "../../components/args/resolve";

/** An object of the old deployment and the resource that it becomes. */
export interface Adoption {
  /** Pulumi's type. */
  type: string;
  /** The resource's name in the program. */
  resource: string;
  apiVersion: string;
  kind: string;
  /** The object's name in the cluster. */
  name: string;
}

/** A live object, as far as the import looks at it. */
export interface LiveObject {
  metadata: {
    name: string;
    resourceVersion?: string;
    annotations?: Record<string, string>;
    managedFields?: ManagedFields[];
  };
  spec?: { selector?: { matchLabels?: Record<string, string> }; resources?: { requests?: { storage?: string } } };
}
export interface ManagedFields {
  manager?: string;
  operation?: string;
  subresource?: string;
  [field: string]: unknown;
}

const rbac = "rbac.authorization.k8s.io/v1";

/**
 * What of the old deployment becomes whose resource: everything whose name stayed. The Secrets have other names now, and the script made no
 * ConfigMap: `up` makes those.
 */
export function adoptions(args: ResolvedArgs): Adoption[] {
  const { component, names } = args;
  const one = (apiVersion: string, kind: string, suffix: string, name: string): Adoption => ({
    type: `kubernetes:${apiVersion === "v1" ? "core/v1" : apiVersion}:${kind}`,
    resource: `${component}-${suffix}`,
    apiVersion,
    kind,
    name,
  });
  return [
    one("v1", "ServiceAccount", "service-account", names.serviceAccount),
    ...(grantsScc(args)
      ? [one(rbac, "Role", "scc-role", names.sccGrant), one(rbac, "RoleBinding", "scc-role-binding", names.sccGrant)]
      : []),
    ...(args.existingClaim === undefined ? [one("v1", "PersistentVolumeClaim", "claim", names.claim)] : []),
    one("v1", "Service", "service", names.service),
    one("apps/v1", "Deployment", "deployment", names.deployment),
    ...(args.routeEnabled ? [one("route.openshift.io/v1", "Route", "route", names.route)] : []),
  ];
}

/** Objects of the old script that this program never makes; the operator deletes them after the first `up`. */
export const leftBehind = [
  { kind: "Secret", name: "hf-token-secret", why: "the token is in a Secret of this program's after `up`" },
  { kind: "Pod", name: "cuda-probe", why: "`npm run ops -- cuda-probe` makes and removes its own" },
] as const;

/** The file that `pulumi import --file` reads. https://www.pulumi.com/docs/iac/adopting-pulumi/import/#bulk-import-operations */
export function importFile(args: ResolvedArgs, provider: string, found: readonly Adoption[]): object {
  const component = { type: "vllm-inference:index:VllmInference", name: args.component, component: true };
  const resources = found.map(({ type, resource, name }) => ({
    type,
    name: resource,
    id: `${args.namespace}/${name}`,
    parent: args.component,
    provider: "cluster",
  }));
  return { nameTable: { cluster: provider }, resources: [component, ...resources] };
}

/** Why a live object must not be imported. */
export function objection(
  { kind, name }: Adoption,
  live: LiveObject,
  args: ResolvedArgs,
  stackPath: string,
): string | undefined {
  const holder = live.metadata.annotations?.[ownerAnnotation];
  if (holder !== undefined && !holder.endsWith(`/${stackPath}`))
    return `${kind} ${name} belongs to the stack '${holder}'; take it out of that one first`;
  const labels = live.spec?.selector?.matchLabels;
  if (kind === "Deployment" && (labels?.["app"] !== args.component || Object.keys(labels).length > 1)) {
    return `Deployment ${name} selects ${JSON.stringify(labels ?? {})} instead of {"app":"${args.component}"}, which cannot be changed: delete it, and let \`up\` make it (the claim keeps the model)`;
  }
  return undefined;
}

/** Configuration with which nothing of the old deployment can be lost, by key. */
export function keepingConfig(args: ResolvedArgs, claim: LiveObject | undefined): Record<string, string> {
  const size = claim?.spec?.resources?.requests?.storage;
  return {
    // The namespace was made by somebody else and stays when the stack goes.
    ...(args.createNamespace && { createNamespace: "false" }),
    ...(!args.protectClaim && args.existingClaim === undefined && { protectClaim: "true" }),
    ...(size !== undefined && size !== args.pvcSize && { pvcSize: size }),
  };
}
