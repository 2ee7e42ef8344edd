/** Which pods an object holds, and their containers. */
import { title, type KubernetesObject } from "./objects";
import { asText, at, elements, isObject, UNKNOWN, type Path, type Value } from "./values";

export interface Pod {
  readonly object: KubernetesObject;
  /** Where the pod's spec lies in the resource's properties. */
  readonly path: Path;
  readonly spec: Value;
  readonly metadata: Value | undefined;
  readonly containers: readonly Container[];
  /**
   * Whether this is all that the pod will be. A KServe ServingRuntime and InferenceService are merged with one another, so
   * that what is absent from one of them is not absent from the pod.
   */
  readonly whole: boolean;
  /** Jobs, and pods that are not restarted after success. */
  readonly runsToCompletion: boolean;
}

export interface Container {
  readonly pod: Pod;
  readonly name: string;
  /** Runs before the others and ends; a sidecar (`restartPolicy: Always`) does not. */
  readonly init: boolean;
  readonly path: Path;
  readonly spec: Value;
}

/** Where each kind keeps its pod template. */
const templates: Record<string, Path> = {
  CronJob: ["spec", "jobTemplate", "spec", "template"],
  DaemonSet: ["spec", "template"],
  Deployment: ["spec", "template"],
  DeploymentConfig: ["spec", "template"],
  Job: ["spec", "template"],
  Pod: [],
  PodTemplate: ["template"],
  ReplicaSet: ["spec", "template"],
  ReplicationController: ["spec", "template"],
  Rollout: ["spec", "template"],
  StatefulSet: ["spec", "template"],
};

export function podsOf(object: KubernetesObject): Pod[] {
  const template = templates[object.kind];
  if (template) return [pod(object, template, [...template, "spec"], true)];
  if (!object.apiVersion.startsWith("serving.kserve.io/")) return [];
  if (object.kind === "ServingRuntime" || object.kind === "ClusterServingRuntime")
    return [pod(object, [], ["spec"], false)];
  return object.kind === "InferenceService" ? [pod(object, [], ["spec", "predictor"], false)] : [];
}

function pod(object: KubernetesObject, template: Path, specPath: Path, whole: boolean): Pod {
  const spec = at(object.value, ...specPath) ?? {};
  const containers: Container[] = [];
  const restarts = asText(at(spec, "restartPolicy"));
  const result: Pod = {
    object,
    path: [...object.path, ...specPath],
    spec,
    metadata: at(object.value, ...template, "metadata"),
    containers,
    whole,
    runsToCompletion:
      object.kind === "Job" || object.kind === "CronJob" || restarts === "Never" || restarts === "OnFailure",
  };
  for (const field of ["initContainers", "containers"] as const) {
    elements(at(spec, field)).forEach((value, index) => {
      if (!isObject(value)) return;
      containers.push({
        pod: result,
        name: asText(value.name) ?? `${field}[${index}]`,
        init: field === "initContainers" && value.restartPolicy !== "Always",
        path: [...result.path, field, index],
        spec: value,
      });
    });
  }
  // KServe: `predictor.model` carries arguments, environment and resources of the runtime's container.
  const model = at(spec, "model");
  if (!whole && isObject(model)) {
    containers.push({ pod: result, name: "model", init: false, path: [...result.path, "model"], spec: model });
  }
  return result;
}

export function containerTitle(container: Container): string {
  return `${title(container.pod.object)}, container ${container.name}`;
}

/** Names of the claims that the pod mounts; `UNKNOWN` for one whose name is not known yet. */
export function mountedClaims(pod: Pod): (string | typeof UNKNOWN)[] {
  return elements(at(pod.spec, "volumes")).flatMap((volume): (string | typeof UNKNOWN)[] => {
    const claim = at(volume, "persistentVolumeClaim", "claimName");
    return claim === UNKNOWN ? [UNKNOWN] : typeof claim === "string" ? [claim] : [];
  });
}
