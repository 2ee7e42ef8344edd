/** Where each kind keeps the templates of its pods, and which kinds are not seen. */
import type { Path } from "./values";

/** A step into every element of a list. */
export const EACH = "*";

export interface PodPlace {
  /** Of the pod's spec; `EACH` stands for every element of a list. */
  readonly spec: Path;
  /** Of the pod's metadata; the same place without its last step unless said otherwise. */
  readonly template?: Path;
  /**
   * Another object completes the pod: what is absent here is not absent there. So it is with KServe, whose runtimes, configurations and services are
   * merged.
   */
  readonly merged?: true;
  /** The kind serves with vLLM unless it says otherwise. */
  readonly serves?: true;
}

interface Kind {
  /** The start of the API group; any where it is absent. */
  readonly group?: string;
  readonly pods: readonly PodPlace[];
}

const template = (...path: Path): Kind => ({ pods: [{ spec: [...path, "template", "spec"] }] });
const merged = (...path: Path): PodPlace => ({ spec: path, template: [], merged: true });
const rayCluster = (...path: Path): PodPlace[] => [
  { spec: [...path, "headGroupSpec", "template", "spec"] },
  { spec: [...path, "workerGroupSpecs", EACH, "template", "spec"] },
];
const kserve = "serving.kserve.io/";
const predictors = [
  ...["predictor", "transformer", "explainer"].map((part) => merged("spec", part)),
  merged("spec", "predictor", "workerSpec"),
];
const llm = ["template", "worker", "prefill"].map((part) => [
  "spec",
  ...(part === "prefill" ? [part, "template"] : [part]),
]);
const llmPods: PodPlace[] = [...llm, ["spec", "prefill", "worker"]].map((path) => ({
  ...merged(...path),
  serves: true,
}));
const runtime = { group: kserve, pods: [merged("spec"), merged("spec", "workerSpec")] };
const llmInference = { group: kserve, pods: [...llmPods, merged("spec", "router", "scheduler", "template")] };

export const kinds: Readonly<Record<string, Kind>> = {
  CronJob: template("spec", "jobTemplate", "spec"),
  DaemonSet: template("spec"),
  Deployment: template("spec"),
  DeploymentConfig: template("spec"),
  Job: { group: "batch/", pods: template("spec").pods },
  Pod: { pods: [{ spec: ["spec"], template: [] }] },
  PodTemplate: template(),
  ReplicaSet: template("spec"),
  ReplicationController: template("spec"),
  Rollout: template("spec"),
  StatefulSet: template("spec"),
  CloneSet: template("spec"),
  Service: { group: "serving.knative.dev/", pods: template("spec").pods },
  Configuration: { group: "serving.knative.dev/", pods: template("spec").pods },
  Revision: { group: "serving.knative.dev/", pods: [{ spec: ["spec"], template: [] }] },
  ServingRuntime: runtime,
  ClusterServingRuntime: runtime,
  InferenceService: { group: kserve, pods: predictors },
  LLMInferenceService: llmInference,
  LLMInferenceServiceConfig: llmInference,
  LeaderWorkerSet: {
    pods: ["leaderTemplate", "workerTemplate"].map((part) => ({
      spec: ["spec", "leaderWorkerTemplate", part, "spec"],
    })),
  },
  StormService: { pods: [{ spec: ["spec", "template", "spec", "roles", EACH, "template", "spec"] }] },
  JobSet: { pods: [{ spec: ["spec", "replicatedJobs", EACH, "template", "spec", "template", "spec"] }] },
  RayCluster: { pods: rayCluster("spec") },
  RayService: { pods: rayCluster("spec", "rayClusterConfig") },
  RayJob: { pods: [...rayCluster("spec", "rayClusterSpec"), { spec: ["spec", "submitterPodTemplate", "spec"] }] },
  PyTorchJob: {
    pods: ["Master", "Worker"].map((part) => ({ spec: ["spec", "pytorchReplicaSpecs", part, "template", "spec"] })),
  },
};

/** What the pack cannot see, for the documentation. */
export const unseen: readonly { readonly what: string; readonly why: string }[] = [
  {
    what: "the inside of a `kubernetes:helm.sh/v3:Release`",
    why: "Helm renders it during the update; a `Chart` (v3 or v4) is seen",
  },
  { what: "the inside of a start script, of a file for `--config` and of an image", why: "only the manifest is read" },
  { what: "what `envFrom` brings", why: "the variables' names are in another object" },
  {
    what: "pods that an operator's own resource describes in other fields, such as `Workspace` (KAITO), `DynamoGraphDeployment`, `VLLMRuntime`, `ModelDeployment`, `Notebook`, Argo and Tekton steps",
    why: "they have no pod template in a place that is known here",
  },
  { what: "workloads that other stacks or hands have made", why: "a pack sees the resources of one stack" },
  {
    what: "whether a value is a Pulumi secret, and the resource option `retainOnDelete`",
    why: "the engine does not tell a pack",
  },
];
