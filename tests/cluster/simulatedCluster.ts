/** What the tests of the simulation share: namespaces with settings of their own, and a bare Deployment of the product's shape. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CoreV1Event, V1Pod } from "@kubernetes/client-node";
import { stringify } from "yaml";
import { simulate } from "../../local/simulation";
import { Api } from "../../local/simulation/api";
import { type TestCluster, testCluster } from "../../harness/cluster";

export const image = "registry.example/rhaiis/vllm-cuda-rhel9:3";
const quick = { pull: 0, download: 0, load: 0, terminate: 0 };

const groups = {
  pods: "/api/v1",
  events: "/api/v1",
  persistentvolumeclaims: "/api/v1",
  routes: "/apis/route.openshift.io/v1",
} as const;

/** The cluster of a file's tests; what a test has made in it is taken away after it. */
export function simulated() {
  let connected: TestCluster | undefined;
  const namespaces: string[] = [];
  /** Asked over and over, and so not by a kubectl of its own each time. */
  const get = <T>(namespace: string, kind: keyof typeof groups, name = ""): Promise<T> =>
    new Api(cluster().kubeconfig).get<T>(`${groups[kind]}/namespaces/${namespace}/${kind}/${name}`);
  before(async () => {
    connected = await testCluster();
  });
  afterEach(async () => {
    if (namespaces.length > 0) await kubectl("delete", "namespace", "--wait=false", ...namespaces.splice(0));
  });
  return { kubectl, faulty, namespace, apply, get, podsOf, eventsOf };

  function cluster(): TestCluster {
    if (!connected) throw new Error("the cluster is there once the tests run");
    return connected;
  }

  function kubectl(...args: readonly string[]): Promise<string> {
    return cluster().kubectl(...args);
  }

  /** Gives the pods and Routes of a namespace a fault, or takes it back. */
  function faulty(namespace: string, fault: string | undefined): Promise<void> {
    return simulate(cluster().kubeconfig, namespace, { fault });
  }

  async function namespace(
    settings: Parameters<typeof simulate>[2] = {},
    labels: Record<string, string> = {},
  ): Promise<string> {
    const name = `simulation-${Math.random().toString(36).slice(2, 8)}`;
    await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
    namespaces.push(name);
    await simulate(cluster().kubeconfig, name, { ...quick, ...settings });
    return name;
  }

  function apply(...objects: object[]): Promise<string> {
    return cluster().kubectlWithInput(objects.map((object) => stringify(object)).join("---\n"), "apply", "-f", "-");
  }

  function podsOf(namespace: string): () => Promise<V1Pod[]> {
    return async () => (await get<{ items: V1Pod[] }>(namespace, "pods")).items;
  }

  function eventsOf(namespace: string): () => Promise<CoreV1Event[]> {
    return async () => (await get<{ items: CoreV1Event[] }>(namespace, "events")).items;
  }
}

/** Longer than any machine takes: it ends only what never comes, and says more of it than mocha's own limit would. */
const patienceSeconds = 600;

/** Asks until `check` gives something; what the last answer was is in the error. */
export async function eventually<T, R>(ask: () => Promise<T>, check: (answer: T) => R | undefined | false): Promise<R> {
  const deadline = Date.now() + patienceSeconds * 1000;
  for (;;) {
    const answer = await ask();
    const result = check(answer);
    if (result !== undefined && result !== false) return result;
    if (Date.now() > deadline) throw new Error(`not within ${patienceSeconds} s; last: ${JSON.stringify(answer)}`);
    await sleep(100);
  }
}

/** The product's Deployment, as far as the simulation looks at it. */
export function deployment(namespace: string, pod: object = {}, server: object = {}): object {
  const labels = { app: "vllm" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "vllm", namespace, labels },
    spec: {
      strategy: { type: "Recreate" },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
          initContainers: [{ name: "model-downloader", image, env: [{ name: "MODEL_ID", value: "acme/model" }] }],
          containers: [
            {
              name: "server",
              image,
              ports: [{ name: "http", containerPort: 8000 }],
              resources: { limits: { "nvidia.com/gpu": 1 } },
              startupProbe: { httpGet: { path: "/health", port: "http" }, periodSeconds: 30, failureThreshold: 24 },
              ...server,
            },
          ],
          ...pod,
        },
      },
    },
  };
}

export const ready = (pods: V1Pod[]): V1Pod | undefined =>
  pods.find(({ status }) => status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"));
