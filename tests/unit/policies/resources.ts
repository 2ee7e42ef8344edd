/** A sound vLLM deployment in pieces: each case changes what it is about. An override that is `undefined` removes the field. */
import type { Json, Resource } from "./support";

export const namespace = "vllm-inference";
const image = `registry.redhat.io/rhaiis/vllm-cuda-rhel9@sha256:${"a".repeat(64)}`;
const model = "Qwen/Qwen2.5-7B-Instruct-AWQ";

export function server(changes: Json = {}): Json {
  return change(
    {
      name: "server",
      image,
      command: ["python", "-m", "vllm.entrypoints.openai.api_server"],
      args: [
        ...["--model", `/models-cache/${model}`, "--served-model-name", model, "qwen2.5-7b-instruct-awq"],
        ...["--max-model-len", "32768", "--enable-auto-tool-choice", "--tool-call-parser", "hermes"],
        ...["--tensor-parallel-size", "1"],
      ],
      env: [{ name: "VLLM_API_KEY", valueFrom: { secretKeyRef: { name: "vllm-api-key", key: "api-key" } } }],
      ports: [{ name: "http", containerPort: 8000 }],
      resources: { limits: { "nvidia.com/gpu": "1" }, requests: { "nvidia.com/gpu": "1" } },
      startupProbe: { httpGet: { path: "/health", port: "http" }, periodSeconds: 30, failureThreshold: 24 },
      readinessProbe: { httpGet: { path: "/health", port: "http" } },
      volumeMounts: [{ name: "models", mountPath: "/models-cache" }],
    },
    changes,
  );
}

export function downloader(changes: Json = {}): Json {
  return change(
    {
      name: "model-downloader",
      image,
      command: ["python3", "/opt/model-downloader/download.py"],
      env: [
        { name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "vllm-hf-token", key: "token" } } },
        { name: "HF_HOME", value: "/models-cache/.hf-cache" },
        { name: "HF_HUB_OFFLINE", value: "0" },
      ],
      volumeMounts: [{ name: "models", mountPath: "/models-cache" }],
    },
    changes,
  );
}

export function pod(changes: Json = {}): Json {
  return change(
    {
      serviceAccountName: "vllm-sa",
      enableServiceLinks: false,
      securityContext: { runAsUser: 0 },
      initContainers: [downloader()],
      containers: [server()],
      volumes: [{ name: "models", persistentVolumeClaim: { claimName: "vllm-models-cache" } }],
    },
    changes,
  );
}

/** A workload of the kind around `spec`, sound but for the changes. */
export function workload(kind: string, podSpec: Json = pod(), changes: Json = {}, metadata: Json = {}): Resource {
  const template = { metadata: { labels: { app: "vllm" } }, spec: podSpec };
  const selector = { matchLabels: { app: "vllm" } };
  const specs: Record<string, [string, Json]> = {
    CronJob: ["batch/v1", { spec: { schedule: "@daily", jobTemplate: { spec: { template } } } }],
    DaemonSet: ["apps/v1", { spec: { selector, template } }],
    Deployment: ["apps/v1", { spec: { replicas: 1, selector, strategy: { type: "Recreate" }, template } }],
    DeploymentConfig: ["apps.openshift.io/v1", { spec: { replicas: 1, strategy: { type: "Recreate" }, template } }],
    Job: ["batch/v1", { spec: { template } }],
    Pod: ["core/v1", { spec: podSpec }],
    PodTemplate: ["core/v1", { template }],
    StatefulSet: ["apps/v1", { spec: { replicas: 1, serviceName: "vllm", selector, template } }],
  };
  const [apiVersion, body] = specs[kind] ?? [];
  if (!apiVersion || !body) throw new Error(`no such kind here: ${kind}`);
  const spec = body.spec === undefined ? {} : { spec: change(body.spec as Json, changes) };
  return resource(`${apiVersion}:${kind}`, "vllm", { ...body, ...spec }, metadata);
}

export const deployment = (podSpec?: Json, changes?: Json, metadata?: Json): Resource =>
  workload("Deployment", podSpec, changes, metadata);

export function resource(token: string, name: string, body: Json, metadata: Json = {}, protect = false): Resource {
  const [apiVersion, kind] = token.split(":");
  const props = { apiVersion, kind, metadata: { name, namespace, ...metadata }, ...body };
  return { type: `kubernetes:${token}`, name, props, protect };
}

export function change(base: Json, changes: Json): Json {
  const entries = Object.entries({ ...base, ...changes }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}

export function route(spec: Json = {}, metadata: Json = {}): Resource {
  const body = {
    path: "/v1",
    to: { kind: "Service", name: "vllm" },
    port: { targetPort: "http" },
    tls: { termination: "edge", insecureEdgeTerminationPolicy: "Redirect" },
  };
  const annotations = { "haproxy.router.openshift.io/timeout": "600s" };
  return resource("route.openshift.io/v1:Route", "vllm", { spec: change(body, spec) }, { annotations, ...metadata });
}

export function service(spec: Json = {}, metadata: Json = {}): Resource {
  const body = { selector: { app: "vllm" }, ports: [{ name: "http", port: 8000, targetPort: 8000 }] };
  return resource("core/v1:Service", "vllm", { spec: change(body, spec) }, metadata);
}

export function claim(spec: Json = {}, metadata: Json = {}, protect = false): Resource {
  const body = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "30Gi" } } };
  return resource(
    "core/v1:PersistentVolumeClaim",
    "vllm-models-cache",
    { spec: change(body, spec) },
    metadata,
    protect,
  );
}

export const secret = (name: string, metadata: Json = {}): Resource =>
  resource("core/v1:Secret", name, { stringData: { token: "hidden" } }, metadata);

export const role = (changes: Json = {}): Resource =>
  resource("rbac.authorization.k8s.io/v1:Role", "vllm-anyuid", {
    rules: [
      change(
        {
          apiGroups: ["security.openshift.io"],
          resources: ["securitycontextconstraints"],
          resourceNames: ["anyuid"],
          verbs: ["use"],
        },
        changes,
      ),
    ],
  });

export const binding = (changes: Json = {}, metadata: Json = {}): Resource =>
  resource(
    "rbac.authorization.k8s.io/v1:RoleBinding",
    "vllm-anyuid",
    change(
      {
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "vllm-anyuid" },
        subjects: [{ kind: "ServiceAccount", name: "vllm-sa", namespace }],
      },
      changes,
    ),
    metadata,
  );

/** A whole stack that every policy passes, but for the resources that are given instead. */
export function stackWith(...changed: Resource[]): Resource[] {
  const sound = [
    resource("core/v1:Namespace", namespace, {}, { namespace: undefined }),
    secret("vllm-hf-token"),
    secret("vllm-api-key"),
    role(),
    binding(),
    claim(),
    deployment(),
    service(),
    route(),
  ];
  const replaced = (one: Resource): boolean => changed.some(({ type, name }) => type === one.type && name === one.name);
  return [...sound.filter((one) => !replaced(one)), ...changed];
}
