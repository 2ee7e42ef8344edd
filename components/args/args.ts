import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster/placement";
import type { ModelFigures } from "../capacity/types";
import type { ServingArgs } from "./servingArgs";

/**
 * How a stack names its cluster. Keys of the configuration like the arguments below.
 * @public read as text by docs/generate/configuration.ts
 */
export interface ClusterSettings {
  /**
   * Context of the kubeconfig to deploy to. Required: whatever context is current is never used.
   * @change replaces everything, on the other cluster
   */
  kubeContext: string;
  /**
   * Path of the kubeconfig, from the project's folder; empty means kubectl's default ($KUBECONFIG, else ~/.kube/config).
   * @change nothing
   */
  kubeconfig?: string;
}

/**
 * Several models by one configuration. A key of it too.
 * @public read as text by docs/generate/configuration.ts
 */
export interface ModelsSettings {
  /**
   * Several models: a map from a model's name to its own settings, each key of this table but those of cluster, namespace and token; what stands
   * beside the map is the default of all. Empty means one model named `vllm`.
   * @change makes or deletes the models that are added or taken away, and nothing of the others
   */
  models?: Record<string, object>;
}

/** As Kubernetes quantities. GPUs are not named here: `tensorParallelSize` and `gpuResource` ask for them. */
export interface ComputeResources {
  requests?: ComputeAmounts;
  limits?: ComputeAmounts;
}

/** `ephemeral-storage` is the node's disk: logs, `/tmp` and caches, not the claim. Above its limit a pod is evicted. */
type ComputeAmounts = { cpu?: string; memory?: string; "ephemeral-storage"?: string };

/** The figures of a probe; what they check, `GET /health`, is fixed. */
export interface ProbeFigures {
  initialDelaySeconds: number;
  periodSeconds: number;
  failureThreshold: number;
  timeoutSeconds: number;
}

/** A toleration as a pod has it. */
export interface Toleration {
  key?: string;
  operator?: "Exists" | "Equal";
  value?: string;
  effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
  tolerationSeconds?: number;
}

/**
 * What a `VllmInference` is made from. Each argument is also a key of the stack's configuration, by the same name.
 * The tag `@change` says what changing the argument does: `nothing` (to the running server), `restarts` the server (it is
 * down until the model is loaded again) or `replaces` objects.
 */
export interface VllmInferenceArgs extends ServingArgs {
  /**
   * The cluster to deploy to: a provider of `createProvider`, or { context, kubeconfig } of the provider in the options, which the readiness
   * gate reads with. Without a provider there, one is made. May be left out where the options' provider is one of `createProvider`.
   */
  cluster?: Cluster;

  /**
   * Namespace of every object.
   * @change replaces everything, the claim with the downloaded model included
   */
  namespace?: pulumi.Input<string>;
  /**
   * Whether the namespace is made here; switch it off where a cluster admin or `oc new-project` makes it.
   * @change nothing before the first `up` or after one with `keepNamespace`; else it deletes the namespace
   */
  createNamespace?: boolean;
  /**
   * Whether the namespace stays when what made it goes: at `destroy`, and when the component is taken away, renamed or moved.
   * @change nothing
   */
  keepNamespace?: boolean;
  /**
   * Whether objects that exist already and carry no owner are taken over; objects of another stack never are.
   * @change nothing
   */
  adoptExisting?: boolean;

  /**
   * As whom the pod runs: `anyuid` as root, which needs the SCC of that name; `restricted` as any UID, with nothing to grant.
   * @change restarts
   */
  securityMode?: "anyuid" | "restricted";
  /**
   * Whether the Role and RoleBinding that let the pod use the `anyuid` SCC are made here; only a cluster admin may.
   * @change nothing, as long as somebody else has granted it
   */
  grantScc?: boolean;

  /**
   * Image of both containers. The default tag floats.
   * @change restarts
   */
  image?: pulumi.Input<string>;
  /**
   * Line of Red Hat's images that `image` belongs to, such as `3.5`, where its name does not tell: a digest, or a mirror of another name.
   * Empty means what the name tells, else what its server has answered, which is known after the first `up`.
   * @change restarts from line 3.4 on, because the server is told more
   */
  imageLine?: string;
  /**
   * Whether `image` must name a digest, so that every pod runs the same bytes.
   * @change nothing
   */
  requireImageDigest?: boolean;
  /**
   * Name of a pull secret in the namespace; empty where the ServiceAccount or the node has one.
   * @change restarts
   */
  imagePullSecret?: pulumi.Input<string>;

  /**
   * Model on the Hugging Face Hub, as `owner/name`; also its first served name.
   * @change restarts, and downloads the model
   */
  modelId?: string;
  /**
   * Commit, tag or branch of the model; empty means the Hub's main branch.
   * @change restarts, and downloads the revision
   */
  modelRevision?: string;
  /**
   * `hub` downloads the model; `existing` only verifies what is on the claim already (air-gapped clusters).
   * @change restarts
   */
  modelSource?: "hub" | "existing";
  /**
   * How much of the model is checked at each start: file `sizes`, safetensors `headers`, or every byte (`full`).
   * @change restarts
   */
  modelVerify?: "sizes" | "headers" | "full";
  /**
   * Files to download, as patterns; empty means what vLLM needs of that model.
   * @change restarts
   */
  modelAllowPatterns?: string[];
  /**
   * Files not to download, as patterns; empty means what vLLM does not need.
   * @change restarts
   */
  modelIgnorePatterns?: string[];
  /**
   * Read token of the Hugging Face Hub (huggingface.co/settings/tokens), kept in the Secret `<name>-hf-token`. Required to download. Secret.
   * @change restarts
   */
  hfToken?: pulumi.Input<string>;
  /**
   * Name of a Secret in the namespace that holds the token as `token`; none is made then, and of `hfToken` only a checksum is used, so that a
   * new token restarts the server.
   * @change restarts
   */
  hfTokenSecret?: pulumi.Input<string>;
  /** Another hub to download from, as an URL. @change restarts */
  hfEndpoint?: string;
  /** Proxy of the download, as an URL. @change restarts */
  httpsProxy?: string;
  /** Hosts that the download reaches without the proxy, comma-separated. @change restarts */
  noProxy?: string;
  /** ConfigMap in the namespace whose `ca-bundle.crt` the download trusts (OpenShift can fill it). @change restarts */
  trustedCaConfigMap?: pulumi.Input<string>;
  /**
   * Whether files in the Hub's Xet storage come through the client's Xet transfer, not over plain HTTP. Faster where it works; tried
   * only where it fails, never against a real Xet server.
   * @change restarts
   */
  modelXet?: boolean;
  /** For how many seconds the download retries what may heal: server errors, limits, broken connections. @change restarts */
  downloadRetrySeconds?: number;

  /** Mount path of the claim in both containers; the model on the claim is found again. @change restarts */
  modelsPath?: string;
  /**
   * Size of the claim: the weights, and room for a second revision while one is switched.
   * @change nothing where the storage class can expand; shrinking is refused by Kubernetes
   */
  pvcSize?: string;
  /**
   * Storage class of the claim; empty means the cluster's default.
   * @change is refused at preview; `pulumi up --skip-preview` replaces claim and Deployment: the model is lost
   */
  storageClassName?: string;
  /** Name of a claim that exists already; none is made then. @change restarts, and deletes the claim that was made here */
  existingClaim?: pulumi.Input<string>;
  /** Whether `destroy` refuses to delete the claim and its namespace. @change nothing */
  protectClaim?: boolean;

  /** Whether clients of `/v1` must show a generated API key; only a server without a Route may do without. @change restarts */
  apiKeyEnabled?: boolean;
  /** Any other number makes a new API key. @change restarts, and replaces the API key */
  apiKeyRotation?: number;

  /** Whether the server can be reached from outside the cluster. @change replaces the Route */
  routeEnabled?: boolean;
  /** Host of the Route; empty means `<name>-<namespace>.<apps domain>`. @change replaces the Route */
  routeHost?: string;
  /** Only paths below this one are public: `/v1` or below, because vLLM's API key guards nothing else. @change nothing */
  routePath?: string;
  /** How long the router waits for an answer. @change nothing */
  routeTimeout?: string;

  /**
   * Figures of a model that this program does not know (layers, kvHeads, weightBytes, …), for the check whether it fits.
   * @change nothing
   */
  modelFigures?: Partial<ModelFigures>;
  /** GPU model (such as `L4`), for the check whether the model fits; empty means unknown. @change nothing */
  gpuModel?: string;
  /**
   * Resource that a node offers its GPUs as: a MIG slice such as `nvidia.com/mig-3g.40gb`, which holds a model alone, or another maker's GPU
   * such as `amd.com/gpu`, which needs an image for it.
   * @change restarts
   */
  gpuResource?: string;
  /** CPU, memory and ephemeral storage of the server, as a whole: what is left out is unset. @change restarts */
  resources?: ComputeResources;
  /** CPU, memory and ephemeral storage of the download, as a whole: what is left out is unset. @change restarts */
  downloaderResources?: ComputeResources;
  /** Size of the memory-backed /dev/shm; at least 2Gi for several GPUs. @change restarts */
  sharedMemorySize?: string;
  /** Labels of the nodes that the pod may run on. @change restarts */
  nodeSelector?: Record<string, string>;
  /** Taints that the pod accepts. By default that of the GPUs' nodes: of another maker's `gpuResource`, its own name. @change restarts */
  tolerations?: Toleration[];
  /** Priority class of the pod: what may be put off its node for it, and what may put it off. @change restarts */
  priorityClassName?: string;
  /** Runtime class; leave it empty unless the cluster's GPU nodes need one. @change restarts */
  runtimeClassName?: string;

  /** How long the server may load: delay + period × failures. @change restarts */
  startupProbe?: Partial<ProbeFigures>;
  /** When a server that has started gets no requests. @change restarts */
  readinessProbe?: Partial<ProbeFigures>;
  /** When a server that has started is restarted. @change restarts */
  livenessProbe?: Partial<ProbeFigures>;
  /** Seconds that a stopping pod goes on answering, until routers have noticed. @change restarts */
  preStopSleepSeconds?: number;
  /**
   * Seconds from the request to stop until the kill; the pause before is part of it. From image line 3.4 on running requests are finished
   * in what is left.
   * @change restarts
   */
  terminationGracePeriodSeconds?: number;

  /**
   * Seconds that a pod may fit no node while no help is on its way, until `up` gives up. Raise it, to 120 say, where GPU nodes are
   * made on demand: an autoscaler answers only after its own next look.
   * @change nothing
   */
  unschedulableTimeoutSeconds?: number;
  /**
   * Seconds that `up` waits for a node once help is on its way: a pod that is leaving, or an autoscaler that adds a node.
   * @change nothing
   */
  schedulingTimeoutSeconds?: number;
  /** Seconds that `up` waits for the image (about 5 GB compressed). @change nothing */
  imagePullTimeoutSeconds?: number;
  /** Seconds that `up` waits for the download, retries included. @change nothing */
  downloadTimeoutSeconds?: number;
  /** Seconds that `up` waits for the router to admit the Route. @change nothing */
  routeAdmissionTimeoutSeconds?: number;
}
