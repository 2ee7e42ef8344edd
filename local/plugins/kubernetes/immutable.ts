import type { ValueMap } from "../shared/wire";
import { apiVersionOf, isConfigMap, isSecret, kindOf } from "./object";
import type { Settings } from "./settings";

/**
 * Fields whose change the official provider answers with a replacement, by kind. A path covers everything below it.
 * https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go
 */
const byKind: Record<string, string[]> = {
  "apps/v1/DaemonSet": ["spec.selector"],
  "apps/v1/Deployment": ["spec.selector"],
  "apps/v1/StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "batch/v1/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/v1/RoleBinding": ["roleRef"],
  "storage.k8s.io/v1/StorageClass": ["parameters", "provisioner"],
  "v1/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "v1/Pod": ["spec"],
  "v1/ResourceQuota": ["spec.scopes"],
  "v1/Secret": ["type"],
  "v1/Service": ["spec.clusterIP"],
};

export function immutableFields(
  object: ValueMap,
  settings: Pick<Settings, "secretMutable" | "configMapMutable">,
): string[] {
  const identity = ["metadata.name", "metadata.namespace"];
  const frozen = object["immutable"] === true;
  if (isSecret(object) && (frozen || !settings.secretMutable)) return [...identity, "type", "stringData", "data"];
  if (isConfigMap(object) && (frozen || !settings.configMapMutable)) return [...identity, "binaryData", "data"];
  return [...identity, ...(byKind[`${apiVersionOf(object)}/${kindOf(object)}`] ?? [])];
}
