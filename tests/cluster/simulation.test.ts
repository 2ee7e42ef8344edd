/** What the embedded cluster plays, met by a bare Deployment of the product's shape: the happy path, every fault, OpenShift's rules. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { CoreV1Event, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import { stringify } from "yaml";
import { simulate } from "../../local/simulation";
import { faults } from "../../local/simulation/faults";
import type { Route } from "../../local/simulation/routes";
import { type TestCluster, testCluster } from "./cluster";

const image = "registry.example/rhaiis/vllm-cuda-rhel9:3";
const quick = { pull: 0, download: 0, load: 0, terminate: 0 };

let cluster: TestCluster;
const namespaces: string[] = [];

before(async () => {
  cluster = await testCluster();
});

// After each test: the node has eight GPUs for everybody.
afterEach(async () => {
  if (namespaces.length > 0) await cluster.kubectl("delete", "namespace", "--wait=false", ...namespaces.splice(0));
});

async function namespace(
  settings: Parameters<typeof simulate>[2] = {},
  labels: Record<string, string> = {},
): Promise<string> {
  const name = `simulation-${Math.random().toString(36).slice(2, 8)}`;
  await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  namespaces.push(name);
  await simulate(cluster.kubeconfig, name, { ...quick, ...settings });
  return name;
}

function apply(...objects: object[]): Promise<string> {
  return cluster.kubectlWithInput(objects.map((object) => stringify(object)).join("---\n"), "apply", "-f", "-");
}

async function get<T>(namespace: string, ...what: string[]): Promise<T> {
  return JSON.parse(await cluster.kubectl("get", "-n", namespace, ...what, "-o", "json")) as T;
}

/** Asks until `check` gives something; what the last answer was is in the error. */
async function eventually<T, R>(
  ask: () => Promise<T>,
  check: (answer: T) => R | undefined | false,
  seconds = 20,
): Promise<R> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    const result = check(answer);
    if (result !== undefined && result !== false) return result;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s; last: ${JSON.stringify(answer)}`);
    await sleep(100);
  }
}

const podsOf = (namespace: string) => async (): Promise<V1Pod[]> =>
  (await get<{ items: V1Pod[] }>(namespace, "pods")).items;
const eventsOf = (namespace: string) => async (): Promise<CoreV1Event[]> =>
  (await get<{ items: CoreV1Event[] }>(namespace, "events")).items;

/** The product's Deployment, as far as the simulation looks at it. */
function deployment(namespace: string, pod: object = {}, server: object = {}): object {
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

const ready = (pods: V1Pod[]): V1Pod | undefined =>
  pods.find(({ status }) => status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"));

describe("a simulated pod", () => {
  it("becomes Ready on the GPU node, step by step, and tells so in events and logs", async () => {
    const ns = await namespace();
    await apply(deployment(ns));
    const pod = await eventually(podsOf(ns), ready);
    equal(pod.spec?.nodeName, "gpu-worker-0");
    equal(pod.status?.initContainerStatuses?.[0]?.state?.terminated?.exitCode, 0);
    ok(pod.status?.containerStatuses?.[0]?.started);
    await cluster.kubectl("rollout", "status", "-n", ns, "deployment/vllm", "--timeout=10s");
    match(
      await cluster.kubectl("logs", "-n", ns, "deployment/vllm", "-c", "model-downloader"),
      /complete acme\/model@/,
    );
    match(
      await cluster.kubectl("logs", "-n", ns, "deployment/vllm", "-c", "server", "--tail=1"),
      /Application startup complete/,
    );
    const start = await cluster.kubectl("logs", "-n", ns, "deployment/vllm", "-c", "server", "--limit-bytes=12");
    equal(start, "[simulation]");
    const reasons = await eventually(eventsOf(ns), (events) => {
      const found = events.filter(({ source }) => source?.component === "kubelet").map(({ reason }) => reason);
      return found.filter((reason) => reason === "Started").length === 2 && found;
    });
    deepEqual([...new Set(reasons)].sort(), ["Created", "Pulled", "Pulling", "Started"]);
  });

  it("takes the seconds that the settings say, and shows where it stands meanwhile", async () => {
    const ns = await namespace({ download: 2, load: 2 });
    await apply(deployment(ns));
    await eventually(podsOf(ns), ([pod]) => pod?.status?.initContainerStatuses?.[0]?.state?.running);
    const log = await cluster.kubectl("logs", "-n", ns, "deployment/vllm", "-c", "model-downloader", "-f");
    match(log, /downloading 2\.8 of 5\.6 GB \(50 %\), \d+ MB\/s, 1 s left\n/);
    const loading = await eventually(podsOf(ns), ([pod]) => pod?.status?.containerStatuses?.[0]?.state?.running && pod);
    equal(loading.status?.phase, "Running");
    equal(ready([loading]), undefined);
    await eventually(podsOf(ns), ready);
  });

  it("is killed when loading outlasts its startup probe", async () => {
    const ns = await namespace({ load: 600 });
    await apply(
      deployment(
        ns,
        {},
        { startupProbe: { httpGet: { path: "/health", port: "http" }, periodSeconds: 1, failureThreshold: 1 } },
      ),
    );
    const last = await eventually(podsOf(ns), ([pod]) => {
      const status = pod?.status?.containerStatuses?.[0];
      return (status?.restartCount ?? 0) > 0 && status?.lastState?.terminated;
    });
    equal(last.exitCode, 137);
    await eventually(eventsOf(ns), (events) =>
      events.some(({ message }) => message === "Container server failed startup probe, will be restarted"),
    );
  });

  it("that is not to be restarted completes, wherever it lands", async () => {
    const ns = await namespace();
    await apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "cuda-probe", namespace: ns },
      spec: { restartPolicy: "Never", containers: [{ name: "probe", image }] },
    });
    const pod = await eventually(podsOf(ns), ([one]) => one?.status?.phase === "Succeeded" && one);
    equal(pod.spec?.nodeName, "worker-0");
    match(await cluster.kubectl("logs", "-n", ns, "cuda-probe"), /no container runs/);
  });

  it("refuses exec", async () => {
    const ns = await namespace();
    await apply(deployment(ns));
    await eventually(podsOf(ns), ready);
    await rejects(cluster.kubectl("exec", "-n", ns, "deployment/vllm", "-c", "server", "--", "true"));
  });

  it("goes when its Deployment goes, and comes again", async () => {
    const ns = await namespace();
    for (let round = 0; round < 2; round++) {
      await apply(deployment(ns));
      await eventually(podsOf(ns), ready);
      await cluster.kubectl("delete", "deployment", "vllm", "-n", ns);
      await eventually(podsOf(ns), (pods) => pods.length === 0);
    }
  });
});

describe("a simulated fault", () => {
  for (const [name, fault] of Object.entries(faults)) {
    if (fault.kind === "process") continue;
    it(`${name} shows itself as on a cluster`, async () => {
      const ns = await namespace({ fault: name });
      await apply(deployment(ns));
      const init = fault.kind === "image" || (fault.kind === "crash" && fault.container === "model-downloader");
      const status = await eventually(podsOf(ns), ([pod]) => {
        const found = (init ? pod?.status?.initContainerStatuses : pod?.status?.containerStatuses)?.[0];
        const expected = { crash: "CrashLoopBackOff", image: "ErrImagePull", create: "CreateContainerError" }[
          fault.kind
        ];
        return found?.state?.waiting?.reason === expected && found;
      });
      if (fault.kind === "crash") {
        const ended = status.lastState?.terminated;
        deepEqual([ended?.exitCode, ended?.reason, status.restartCount], [fault.exitCode, fault.reason, 1]);
        const said = ended?.message?.trimEnd().split("\n").at(-1) ?? "";
        ok(said.startsWith(fault.log.at(-1)?.split("{")[0] ?? "?"), said);
        const place = ["-n", ns, "deployment/vllm", "-c", fault.container];
        equal((await cluster.kubectl("logs", ...place, "--previous", "--tail=1")).trim(), said);
      } else {
        ok(status.state?.waiting?.message?.includes(fault.message.split("{")[0] ?? "?"));
      }
      await eventually(eventsOf(ns), (events) =>
        events.some(({ type, reason }) => type === "Warning" && (reason === "BackOff" || reason === "Failed")),
      );
    });
  }

  for (const name of ["image-not-found", "downloader-disk-full", "server-out-of-memory", "server-cuda-requirement"]) {
    it(`${name} heals in the pod that has it, with its next try`, async () => {
      const ns = await namespace({ fault: name });
      await apply(deployment(ns));
      await eventually(podsOf(ns), ([pod]) => {
        const all = [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])];
        return all.some(({ state }) => /Err|BackOff/.test(state?.waiting?.reason ?? ""));
      });
      await simulate(cluster.kubeconfig, ns, { fault: undefined });
      await eventually(podsOf(ns), ready, 40);
    });
  }

  it("image-not-found goes from ErrImagePull to ImagePullBackOff, which has lost the cause", async () => {
    const ns = await namespace({ fault: "image-not-found" });
    await apply(deployment(ns));
    const waiting = await eventually(podsOf(ns), ([pod]) => {
      const found = pod?.status?.initContainerStatuses?.[0]?.state?.waiting;
      return found?.reason === "ImagePullBackOff" && found;
    });
    equal(waiting.message, `Back-off pulling image "${image}"`);
  });

  it("runtime-handler leaves the pod without a sandbox", async () => {
    const ns = await namespace({ fault: "runtime-handler" });
    await apply(deployment(ns));
    await eventually(eventsOf(ns), (events) =>
      events.some(
        ({ reason, message }) =>
          reason === "FailedCreatePodSandBox" && message?.includes("failed to find runtime handler nvidia"),
      ),
    );
    const [pod] = await podsOf(ns)();
    equal(pod?.status?.podIP, undefined);
  });

  it("missing-secret is also what a Secret that is missing does, until it exists", async () => {
    const ns = await namespace();
    const env = [{ name: "VLLM_API_KEY", valueFrom: { secretKeyRef: { name: "vllm-api-key", key: "api-key" } } }];
    await apply(deployment(ns, {}, { env }));
    const waiting = await eventually(podsOf(ns), ([pod]) => {
      const found = pod?.status?.containerStatuses?.[0]?.state?.waiting;
      return found?.reason === "CreateContainerConfigError" && found;
    });
    equal(waiting.message, 'secret "vllm-api-key" not found');
    await cluster.kubectl("create", "secret", "generic", "vllm-api-key", "--from-literal=api-key=x", "-n", ns);
    await eventually(podsOf(ns), ready);
  });

  it("that a volume's ConfigMap is missing is reported as a failed mount", async () => {
    const ns = await namespace();
    await apply(deployment(ns, { volumes: [{ name: "script", configMap: { name: "vllm-downloader" } }] }));
    await eventually(eventsOf(ns), (events) =>
      events.some(
        ({ reason, message }) => reason === "FailedMount" && message?.includes('"vllm-downloader" not found'),
      ),
    );
  });

  it("no GPU free, an unknown node selector and a missing toleration are the scheduler's own", async () => {
    const cases: [object, object, RegExp][] = [
      [{}, { resources: { limits: { "nvidia.com/gpu": 99 } } }, /Insufficient nvidia.com\/gpu/],
      [{ nodeSelector: { "nvidia.com/gpu.product": "NVIDIA-H100" } }, {}, /didn't match Pod's node affinity\/selector/],
      [{ tolerations: [] }, {}, /untolerated taint/],
    ];
    for (const [pod, server, expected] of cases) {
      const ns = await namespace();
      await apply(deployment(ns, pod, server));
      await eventually(eventsOf(ns), (events) =>
        events.some(({ reason, message }) => reason === "FailedScheduling" && expected.test(message ?? "")),
      );
    }
  });

  it("a runtime class that does not exist is refused by the API server", async () => {
    const ns = await namespace();
    await apply(deployment(ns, { runtimeClassName: "nvidia" }));
    await eventually(eventsOf(ns), (events) =>
      events.some(
        ({ reason, message }) => reason === "FailedCreate" && message?.includes('RuntimeClass "nvidia" not found'),
      ),
    );
  });
});

describe("simulated security context constraints", () => {
  const role = (namespace: string) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "vllm-anyuid", namespace },
    rules: [
      {
        apiGroups: ["security.openshift.io"],
        resources: ["securitycontextconstraints"],
        resourceNames: ["anyuid"],
        verbs: ["use"],
      },
    ],
  });
  const binding = (namespace: string) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "vllm-anyuid", namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "vllm-anyuid" },
    subjects: [{ kind: "ServiceAccount", name: "vllm-sa", namespace }],
  });
  const account = (namespace: string) => ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "vllm-sa", namespace },
  });
  const root = { serviceAccountName: "vllm-sa", securityContext: { runAsUser: 0 } };

  it("refuse uid 0 until the Role and its binding exist, and again when the binding has gone", async () => {
    const ns = await namespace();
    await apply(account(ns), role(ns), deployment(ns, root));
    const refused = await eventually(eventsOf(ns), (events) => events.find(({ reason }) => reason === "FailedCreate"));
    match(
      refused.message ?? "",
      /unable to validate against any security context constraint: \[provider "anyuid": Forbidden: not usable by user or serviceaccount, provider restricted-v2: \.spec\.securityContext\.runAsUser: Invalid value: 0: must be in the ranges: \[1000660000, 1000669999\]/,
    );
    await apply(binding(ns));
    await cluster.kubectl("rollout", "restart", "deployment/vllm", "-n", ns);
    await eventually(podsOf(ns), ready);
    await cluster.kubectl("delete", "rolebinding", "vllm-anyuid", "-n", ns);
    await sleep(1000); // the authorizer reads bindings from a watch
    await cluster.kubectl("rollout", "restart", "deployment/vllm", "-n", ns);
    await eventually(eventsOf(ns), (events) => events.filter(({ reason }) => reason === "FailedCreate").length > 1);
  });

  it("refuse what anyuid does not allow either", async () => {
    const ns = await namespace();
    await apply(account(ns), role(ns), binding(ns));
    const privileged = deployment(ns, root, { securityContext: { privileged: true } });
    await apply(privileged);
    const refused = await eventually(eventsOf(ns), (events) => events.find(({ reason }) => reason === "FailedCreate"));
    match(refused.message ?? "", /provider restricted-v2: \.containers\[server\]\.privileged: Invalid value: true/);
  });

  it("leave Pod Security to the API server", async () => {
    const ns = await namespace({}, { "pod-security.kubernetes.io/enforce": "restricted" });
    await apply(deployment(ns));
    const refused = await eventually(eventsOf(ns), (events) => events.find(({ reason }) => reason === "FailedCreate"));
    match(refused.message ?? "", /violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false/);
  });
});

describe("simulated volumes", () => {
  const claim = (namespace: string, storage: string, storageClassName?: string) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "cache", namespace },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage } },
      ...(storageClassName ? { storageClassName } : {}),
    },
  });
  const mount = { volumes: [{ name: "cache", persistentVolumeClaim: { claimName: "cache" } }] };
  const claimOf = (namespace: string) => () => get<V1PersistentVolumeClaim>(namespace, "pvc", "cache");

  it("bind with the first pod, grow, and are recycled", async () => {
    const ns = await namespace();
    await apply(claim(ns, "10Gi"));
    equal((await claimOf(ns)()).status?.phase, "Pending");
    await apply(deployment(ns, mount));
    await eventually(claimOf(ns), ({ status }) => status?.phase === "Bound");
    await eventually(podsOf(ns), ready);
    await apply(claim(ns, "20Gi"));
    const grown = await eventually(claimOf(ns), (one) => one.status?.capacity?.["storage"] === "20Gi" && one);
    const volume = grown.spec?.volumeName ?? "";
    await cluster.kubectl("delete", "deployment/vllm", "pvc/cache", "-n", ns);
    await eventually(
      () => cluster.kubectl("get", "pv", "-o", "name"),
      (names) => !names.includes(volume),
    );
    await apply(claim(ns, "10Gi"), deployment(ns, mount));
    await eventually(podsOf(ns), ready);
  });

  it("of a class that cannot expand are not grown", async () => {
    const ns = await namespace();
    await apply(claim(ns, "10Gi", "simulated-fixed"), deployment(ns, mount));
    await eventually(claimOf(ns), ({ status }) => status?.phase === "Bound");
    await rejects(
      apply(claim(ns, "20Gi", "simulated-fixed")),
      /only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize/,
    );
  });

  it("that nobody provisions keep the pod pending", async () => {
    const ns = await namespace();
    await apply(claim(ns, "10Gi", "simulated-unavailable"), deployment(ns, mount));
    await eventually(eventsOf(ns), (events) => events.some(({ reason }) => reason === "ExternalProvisioning"));
    equal((await claimOf(ns)()).status?.phase, "Pending");
  });
});

describe("simulated Routes", () => {
  const route = (namespace: string, spec: object = {}, name = "vllm"): object => ({
    apiVersion: "route.openshift.io/v1",
    kind: "Route",
    metadata: { name, namespace },
    spec: {
      to: { kind: "Service", name: "vllm" },
      port: { targetPort: "http" },
      tls: { termination: "edge" },
      ...spec,
    },
  });
  const admitted = (namespace: string) => () =>
    eventually(
      () => get<Route>(namespace, "route", "vllm"),
      ({ spec, status }) => {
        const condition = status?.ingress?.[0]?.conditions.find(({ type }) => type === "Admitted");
        return condition && { host: spec.host, ingressHost: status?.ingress?.[0]?.host, ...condition };
      },
    );

  it("get a host when they name none, and are admitted", async () => {
    const ns = await namespace();
    await apply(route(ns));
    const { host, ingressHost, status } = await admitted(ns)();
    deepEqual([host, ingressHost, status], [`vllm-${ns}.apps.local.test`, `vllm-${ns}.apps.local.test`, "True"]);
    await apply(route(ns)); // and keep it when they are applied again
    equal((await get<Route>(ns, "route", "vllm")).spec.host, host);
  });

  it("of a host that another namespace has claimed are refused", async () => {
    const [first, second] = [await namespace(), await namespace()];
    const host = `${first}.example.test`;
    await apply(route(first, { host }));
    equal((await admitted(first)()).status, "True");
    await sleep(1000); // creationTimestamps have whole seconds
    await apply(route(second, { host }));
    const refused = await admitted(second)();
    deepEqual([refused.status, refused.reason], ["False", "HostAlreadyClaimed"]);
    await cluster.kubectl("delete", "route", "vllm", "-n", first);
    await eventually(admitted(second), ({ status }) => status === "True");
  });

  it("are refused by fault, and admitted when it is gone", async () => {
    const ns = await namespace({ fault: "route-rejected" });
    await apply(route(ns));
    deepEqual((await admitted(ns)()).reason, "RouteNotAdmitted");
    await simulate(cluster.kubeconfig, ns, { fault: undefined });
    await eventually(admitted(ns), ({ status }) => status === "True");
  });

  const invalid: [string, object, RegExp][] = [
    ["a target that is no Service", { to: { kind: "Pod", name: "x" } }, /spec\.to\.kind: Unsupported value: "Pod"/],
    ["a target without a name", { to: { kind: "Service" } }, /spec\.to\.name: Required value/],
    ["an unknown termination", { tls: { termination: "none" } }, /spec\.tls\.termination: Unsupported value: "none"/],
    [
      "an unknown insecure policy",
      { tls: { termination: "edge", insecureEdgeTerminationPolicy: "Drop" } },
      /insecureEdgeTerminationPolicy: Unsupported value/,
    ],
    ["an unknown wildcard policy", { wildcardPolicy: "All" }, /spec\.wildcardPolicy: Unsupported value/],
    ["a path without a slash", { path: "v1" }, /path must begin with \//],
    [
      "a path beside passthrough",
      { path: "/v1", tls: { termination: "passthrough" } },
      /passthrough termination does not support paths/,
    ],
    ["a host that is no DNS name", { host: "not_a_host" }, /host must conform to DNS naming conventions/],
    ["a label that is too long", { host: `${"a".repeat(64)}.example` }, /must be no more than 63 characters/],
    ["a port of nothing", { port: { targetPort: "" } }, /targetPort must be a port's name or a number/],
    ["a port out of range", { port: { targetPort: 70000 } }, /targetPort must be a port's name or a number/],
  ];
  it("with a mistake are refused in OpenShift's words", async () => {
    const ns = await namespace();
    for (const [what, spec, expected] of invalid) await rejects(apply(route(ns, spec)), expected, what);
  });

  it("do not change their host", async () => {
    const ns = await namespace();
    await apply(route(ns, { host: `${ns}.example.test` }));
    await rejects(apply(route(ns, { host: "other.example.test" })), /spec\.host: Invalid value: .*field is immutable/);
  });
});
