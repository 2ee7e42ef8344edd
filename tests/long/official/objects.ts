/** The objects that a kubernetes provider is asked about. */
import type { ValueMap } from "../../../local/plugins/shared/wire";

export const urn = (type: string): string => `urn:pulumi:test::test::${type}::it`;
export const types = {
  ConfigMap: "kubernetes:core/v1:ConfigMap",
  Deployment: "kubernetes:apps/v1:Deployment",
  PersistentVolumeClaim: "kubernetes:core/v1:PersistentVolumeClaim",
  Route: "kubernetes:route.openshift.io/v1:Route",
  Secret: "kubernetes:core/v1:Secret",
  Service: "kubernetes:core/v1:Service",
  ServiceAccount: "kubernetes:core/v1:ServiceAccount",
} as const;
export type Kind = keyof typeof types;
const apiVersions: Partial<Record<Kind, string>> = { Deployment: "apps/v1", Route: "route.openshift.io/v1" };

export function object(kind: Kind, namespace: string, annotations: ValueMap, fields: ValueMap): ValueMap {
  const metadata = { name: "it", namespace, ...(Object.keys(annotations).length > 0 && { annotations }) };
  return { apiVersion: apiVersions[kind] ?? "v1", kind, metadata, ...fields };
}

export const configMap = (namespace: string, colour: string, annotations: ValueMap = {}): ValueMap =>
  object("ConfigMap", namespace, annotations, { data: { colour } });
export const route = (namespace: string, annotations: ValueMap): ValueMap =>
  object("Route", namespace, annotations, { spec: { to: { kind: "Service", name: "it" } } });
export const claim = (namespace: string): ValueMap =>
  object(
    "PersistentVolumeClaim",
    namespace,
    {},
    {
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "1Gi" } },
        storageClassName: "no-such",
      },
    },
  );
/** With a node selector that no node has, its pod stays Pending. */
export const deployment = (
  namespace: string,
  annotations: ValueMap,
  nodeSelector: ValueMap,
  more: ValueMap = {},
): ValueMap =>
  object("Deployment", namespace, annotations, {
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "it" } },
      template: {
        metadata: { labels: { app: "it" } },
        spec: {
          hostNetwork: false,
          nodeSelector,
          tolerations: [],
          volumes: [
            { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "2048Mi" } },
            { name: "disk", emptyDir: {} },
          ],
          containers: [
            {
              name: "main",
              image: "example.test/work:1",
              env: [{ name: "EMPTY", value: "" }],
              resources: {
                requests: { cpu: "1500m", memory: "1.5Gi", "example.test/gpu": "1" },
                limits: { cpu: "2000m", memory: "2048Mi", "example.test/gpu": 1 },
              },
            },
          ],
        },
      },
      ...more,
    },
  });
export const service = (namespace: string): ValueMap =>
  object("Service", namespace, {}, { spec: { selector: { app: "it" }, ports: [{ port: 80 }] } });
