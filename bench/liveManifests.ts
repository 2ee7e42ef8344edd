/** The objects of a namespace as somebody would have written them: what the server added is taken out. */
import type { TestCluster } from "../harness/cluster";

interface Live {
  apiVersion: string;
  kind: string;
  metadata: Record<string, unknown> & { name: string };
  status?: unknown;
  spec?: Record<string, unknown>;
}

const kinds = "secret,serviceaccount,role,rolebinding,configmap,persistentvolumeclaim,service,deployment,route";
const addedByServer = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid", "finalizers"];
const serviceDefaults = ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"];
const addedByControllers = /^(pv|volume|deployment)(\.beta)?\.kubernetes\.io\//;
const madeByControllers = new Set(["default", "kube-root-ca.crt"]);

export async function liveManifests(cluster: TestCluster, namespace: string): Promise<string> {
  const namespaced = JSON.parse(await cluster.kubectl("-n", namespace, "get", kinds, "-o", "json")) as {
    items: Live[];
  };
  const own = namespaced.items.filter(({ metadata }) => !madeByControllers.has(metadata.name)).map(asWritten);
  const first = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  return JSON.stringify({ apiVersion: "v1", kind: "List", items: [first, ...own] });
}

function asWritten({ status: _, ...object }: Live): Live {
  const metadata = { ...object.metadata };
  for (const key of addedByServer) delete metadata[key];
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => !addedByControllers.test(key));
  metadata.annotations = Object.fromEntries(annotations);
  const spec = object.spec && { ...object.spec };
  if (object.kind === "Service") for (const key of serviceDefaults) delete spec?.[key];
  if (object.kind === "PersistentVolumeClaim") delete spec?.volumeName;
  return { ...object, metadata, ...(spec && { spec }) };
}
