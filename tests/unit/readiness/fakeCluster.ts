import { ApiError } from "../../../components/cluster/apiError";
import type { Answer, ClusterClient } from "../../../components/cluster/client";

/** A cluster that answers from a table: the paths that it knows, what it forbids, and for how many requests it is not there. */
export class FakeCluster implements ClusterClient {
  readonly objects = new Map<string, unknown>();
  readonly texts = new Map<string, string>();
  /** Logs of the runs before, by the same paths. */
  readonly previousTexts = new Map<string, string>();
  /** The cluster's clock. */
  date = Date.parse("2026-01-01T00:01:00Z");
  /** Path parts that are forbidden. */
  forbidden: RegExp | undefined;
  /** Errors that the next requests meet, first one first. */
  failures: Error[] = [];
  readonly requests: string[] = [];
  /** Writes, as method, path and body. */
  readonly writes: string[] = [];

  get(path: string, query: Record<string, string> = {}): Promise<Answer | undefined> {
    return this.answer(path, query, () => {
      const body = this.objects.get(path);
      return body === undefined ? undefined : { body, date: this.date };
    });
  }

  text(path: string, query: Record<string, string> = {}): Promise<string> {
    return this.answer(path, query, () => {
      const text = (query.previous === "true" ? this.previousTexts : this.texts).get(path);
      if (text === undefined) throw new ApiError(400, "container is waiting to start");
      return text;
    });
  }

  send(method: string, path: string, body?: object): Promise<unknown> {
    this.writes.push(`${method} ${path} ${JSON.stringify(body)}`);
    return this.answer(path, {}, () => ({}));
  }

  private async answer<T>(path: string, query: Record<string, string>, answer: () => T): Promise<T> {
    this.requests.push(`${path}?${new URLSearchParams(query).toString()}`);
    const failure = this.failures.shift();
    if (failure) throw failure;
    if (this.forbidden?.test(path)) throw new ApiError(403, `cannot read ${path}`);
    await Promise.resolve();
    return answer();
  }
}

const ns = "/namespaces/vllm-inference";
export const paths = {
  deployment: `/apis/apps/v1${ns}/deployments/vllm`,
  replicaSets: `/apis/apps/v1${ns}/replicasets`,
  pods: `/api/v1${ns}/pods`,
  claim: `/api/v1${ns}/persistentvolumeclaims/vllm-models-cache`,
  route: `/apis/route.openshift.io/v1${ns}/routes/vllm`,
  events: `/api/v1${ns}/events`,
  nodes: "/api/v1/nodes",
};

const template = { metadata: { labels: { app: "vllm" } }, spec: { containers: [{ name: "server", image: "new" }] } };
const oldTemplate = { metadata: { labels: { app: "vllm" } }, spec: { containers: [{ name: "server", image: "old" }] } };

function replicaSet(name: string, made: string, ofTemplate: typeof template) {
  const labels = { ...ofTemplate.metadata.labels, "pod-template-hash": name };
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: made,
      ownerReferences: [{ uid: "deployment-uid", kind: "ReplicaSet", controller: true }],
    },
    spec: { template: { ...ofTemplate, metadata: { labels } } },
  };
}

export function pod(
  name: string,
  owner: string,
  status: Record<string, unknown> = {},
  metadata: Record<string, unknown> = {},
) {
  const { conditions = [] } = status as { conditions?: { type: string; status: string }[] };
  const without = conditions.some((condition) => condition.type === "PodScheduled" && condition.status === "False");
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: "2026-01-01T00:00:50Z",
      ownerReferences: [{ uid: owner, kind: "ReplicaSet", controller: true }],
      ...metadata,
    },
    spec: {
      ...(!without && { nodeName: "gpu-0" }),
      containers: [{ resources: { limits: { "nvidia.com/gpu": "1" } } }],
    },
    status,
  };
}

/** Status of a pod that serves. */
export const servingStatus = {
  phase: "Running",
  conditions: [
    { type: "PodScheduled", status: "True" },
    { type: "Ready", status: "True" },
  ],
  containerStatuses: [{ name: "server", ready: true, started: true, restartCount: 0, state: { running: {} } }],
};

/** A component in the middle of an update: the old ReplicaSet still has the highest revision. */
export function rolledOut(pods: unknown[]): FakeCluster {
  const cluster = new FakeCluster();
  cluster.objects.set(paths.deployment, {
    metadata: { name: "vllm", uid: "deployment-uid", generation: 2 },
    spec: { replicas: 1, selector: { matchLabels: { app: "vllm" } }, template },
    status: { observedGeneration: 2 },
  });
  cluster.objects.set(paths.replicaSets, {
    items: [
      replicaSet("old", "2025-12-01T00:00:00Z", oldTemplate),
      replicaSet("new", "2026-01-01T00:00:50Z", template),
      { ...replicaSet("foreign", "2025-01-01T00:00:00Z", template), metadata: { name: "foreign", uid: "foreign" } },
    ],
  });
  cluster.objects.set(paths.pods, { items: pods });
  cluster.objects.set(paths.claim, { metadata: { name: "c", uid: "claim" }, status: { phase: "Bound" } });
  cluster.objects.set(paths.route, {
    metadata: { name: "vllm", uid: "route" },
    status: { ingress: [{ host: "h", conditions: [{ type: "Admitted", status: "True" }] }] },
  });
  cluster.objects.set(paths.events, { items: [] });
  return cluster;
}
