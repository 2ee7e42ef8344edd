/** Which pods an object holds, and their containers. */
import { EACH, kinds, type PodPlace } from "./kinds";
import { title, type KubernetesObject } from "./objects";
import { asText, at, elements, isComplete, isObject, UNKNOWN, type Path, type Value } from "./values";

export interface Pod {
  readonly object: KubernetesObject;
  /** Where the pod's spec lies in the resource's properties. */
  readonly path: Path;
  readonly spec: Value;
  readonly metadata: Value | undefined;
  readonly containers: readonly Container[];
  /** Whether this is all that the pod will be: what is absent from a patch, or from what KServe merges, is not absent from the pod. */
  readonly whole: boolean;
  /** The kind serves with vLLM unless it says otherwise. */
  readonly servesByKind: boolean;
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

export function podsOf(object: KubernetesObject): readonly Pod[] {
  const before = known.get(object);
  if (before) return before;
  const kind = Object.hasOwn(kinds, object.kind) ? kinds[object.kind] : undefined;
  const places = kind && object.apiVersion.startsWith(kind.group ?? "") ? kind.pods : [];
  const pods = places.flatMap((place) =>
    expand(object.value, place.spec).flatMap((specPath) => {
      const spec = at(object.value, ...specPath);
      return spec === undefined ? [] : [pod(object, place, specPath, spec)];
    }),
  );
  known.set(object, pods);
  return pods;
}

const known = new WeakMap<KubernetesObject, readonly Pod[]>();

/** The paths that `EACH` stands for. */
function expand(value: Value | undefined, path: Path): Path[] {
  const each = path.indexOf(EACH);
  if (each < 0) return [path];
  const [before, after] = [path.slice(0, each), path.slice(each + 1)];
  return elements(at(value, ...before)).flatMap((_, index) => expand(value, [...before, index, ...after]));
}

function pod(object: KubernetesObject, place: PodPlace, specPath: Path, spec: Value): Pod {
  const containers: Container[] = [];
  const restarts = asText(at(spec, "restartPolicy"));
  const isJob = /^(?:Job|CronJob|JobSet|RayJob|PyTorchJob)$/.test(object.kind);
  const result: Pod = {
    object,
    path: [...object.path, ...specPath],
    spec,
    metadata: at(object.value, ...(place.template ?? specPath.slice(0, -1)), "metadata"),
    containers,
    whole: place.merged !== true && !object.partial,
    servesByKind: place.serves === true,
    runsToCompletion: isJob || restarts === "Never" || restarts === "OnFailure",
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
  if (place.merged && isObject(model)) {
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

/** Whether a claim with these access modes may be mounted on several nodes at once; `true` too where they are not known yet. */
export function isForManyNodes(modes: Value | undefined): boolean {
  if (modes === UNKNOWN || !isComplete(modes)) return true;
  const given = elements(modes);
  return given.includes("ReadWriteMany") || (given.length > 0 && given.every((mode) => mode === "ReadOnlyMany"));
}
