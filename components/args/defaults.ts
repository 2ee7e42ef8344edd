import type { ProbeFigures } from "./args";
import type { PlainArgs } from "./content";

/** Arguments that are unset by default. */
type WithoutDefault =
  | "imageLine"
  | "imagePullSecret"
  | "modelRevision"
  | "hfToken"
  | "hfTokenSecret"
  | "hfEndpoint"
  | "httpsProxy"
  | "noProxy"
  | "trustedCaConfigMap"
  | "storageClassName"
  | "existingClaim"
  | "routeHost"
  | "modelFigures"
  | "gpuModel"
  | "runtimeClassName"
  | "priorityClassName"
  | "reasoningParser"
  | "maxNumBatchedTokens"
  | "chatTemplate"
  | "trustRemoteCode";
type Probes = "startupProbe" | "readinessProbe" | "livenessProbe";

export type UnsetArgs = Pick<PlainArgs, WithoutDefault>;
export type Defaults = Required<Omit<PlainArgs, WithoutDefault | Probes | "cluster">> & Record<Probes, ProbeFigures>;

/** The defaults of every argument that has one: here and nowhere else. */
export const defaults: Defaults = {
  namespace: "vllm-inference",
  createNamespace: true,
  keepNamespace: false,
  adoptExisting: false,
  securityMode: "anyuid",
  grantScc: true,
  image: "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3",
  requireImageDigest: false,
  modelId: "Qwen/Qwen2.5-7B-Instruct-AWQ",
  modelSource: "hub",
  modelVerify: "sizes",
  modelAllowPatterns: [],
  modelIgnorePatterns: [],
  modelXet: false,
  downloadRetrySeconds: 900,
  modelsPath: "/models-cache",
  pvcSize: "30Gi",
  protectClaim: false,
  servedModelNames: [],
  maxModelLen: 32768,
  dtype: "auto",
  maxNumSeqs: 128,
  gpuMemoryUtilization: 0.9,
  tensorParallelSize: 1,
  enforceEager: true,
  enableAutoToolChoice: true,
  toolCallParser: "hermes",
  kvCacheDtype: "auto",
  loraAdapters: [],
  extraArgs: [],
  env: {},
  apiKeyEnabled: true,
  apiKeyRotation: 1,
  routeEnabled: true,
  routePath: "/v1",
  routeTimeout: "600s",
  gpuResource: "nvidia.com/gpu",
  // No limit of ephemeral storage: above it a pod is evicted, and what the image writes besides the claim was not measured.
  resources: {
    requests: { cpu: "500m", memory: "2Gi", "ephemeral-storage": "1Gi" },
    limits: { cpu: "2", memory: "8Gi" },
  },
  downloaderResources: {
    requests: { cpu: "2", memory: "2Gi", "ephemeral-storage": "256Mi" },
    limits: { cpu: "3", memory: "3Gi" },
  },
  sharedMemorySize: "1Gi",
  nodeSelector: {},
  tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
  startupProbe: { initialDelaySeconds: 30, periodSeconds: 30, failureThreshold: 24, timeoutSeconds: 5 },
  readinessProbe: { initialDelaySeconds: 5, periodSeconds: 15, failureThreshold: 10, timeoutSeconds: 10 },
  livenessProbe: { initialDelaySeconds: 5, periodSeconds: 30, failureThreshold: 10, timeoutSeconds: 10 },
  preStopSleepSeconds: 10,
  terminationGracePeriodSeconds: 60,
  unschedulableTimeoutSeconds: 12,
  schedulingTimeoutSeconds: 600,
  imagePullTimeoutSeconds: 1800,
  downloadTimeoutSeconds: 3600,
  routeAdmissionTimeoutSeconds: 60,
};
