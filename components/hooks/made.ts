import type { ResolvedArgs } from "../args/resolve";
import { grantsScc } from "../manifests";

/** Which object. */
export interface ObjectName {
  apiVersion: string;
  kind: string;
  name: string;
  namespace?: string;
}

/** Every object that a component with these arguments makes. */
export function madeBy(args: ResolvedArgs): ObjectName[] {
  const { names, namespace } = args;
  const inNamespace = (apiVersion: string, kind: string, name: string): ObjectName => ({
    apiVersion,
    kind,
    name,
    namespace,
  });
  const rbac = (kind: string): ObjectName => inNamespace("rbac.authorization.k8s.io/v1", kind, names.sccGrant);
  return [
    ...(args.createNamespace ? [{ apiVersion: "v1", kind: "Namespace", name: namespace }] : []),
    inNamespace("v1", "ServiceAccount", names.serviceAccount),
    ...(grantsScc(args) ? [rbac("Role"), rbac("RoleBinding")] : []),
    ...(args.hfToken !== undefined && args.hfTokenSecret === undefined
      ? [inNamespace("v1", "Secret", names.tokenSecret)]
      : []),
    ...(args.apiKeyEnabled ? [inNamespace("v1", "Secret", names.apiKeySecret)] : []),
    ...(args.existingClaim === undefined ? [inNamespace("v1", "PersistentVolumeClaim", names.claim)] : []),
    inNamespace("v1", "ConfigMap", names.downloaderConfigMap),
    ...(args.chatTemplate === undefined ? [] : [inNamespace("v1", "ConfigMap", names.chatTemplateConfigMap)]),
    inNamespace("v1", "Service", names.service),
    inNamespace("apps/v1", "Deployment", names.deployment),
    ...(args.routeEnabled ? [inNamespace("route.openshift.io/v1", "Route", names.route)] : []),
    inNamespace("v1", "ConfigMap", names.publishedConfigMap),
  ];
}
