import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";

/** What a kubelet reports of a pod; `container` is the field of the pod's specification that it is about. */
export interface KubeletEvent {
  type: "Normal" | "Warning";
  reason: string;
  message: string;
  container?: string;
}

/** The events that a kubelet writes when a pod's status has gone from `before` to `now`. */
export function eventsBetween(before: V1Pod | undefined, now: V1Pod): KubeletEvent[] {
  if (before === undefined || !now.spec?.nodeName) return [];
  const events: KubeletEvent[] = [];
  if (pulls(now) && !pulls(before)) events.push(...pulling(now));
  const lists = [
    ["initContainers", before.status?.initContainerStatuses, now.status?.initContainerStatuses],
    ["containers", before.status?.containerStatuses, now.status?.containerStatuses],
  ] as const;
  for (const [list, was, is] of lists) {
    for (const status of is ?? []) {
      const earlier = was?.find(({ name }) => name === status.name);
      const field = `spec.${list}{${status.name}}`;
      events.push(
        ...ofContainer(now, earlier, status, list === "initContainers").map((event) => ({
          ...event,
          container: field,
        })),
      );
    }
  }
  if (now.metadata?.deletionTimestamp && !before.metadata?.deletionTimestamp) {
    for (const { name, state } of now.status?.containerStatuses ?? []) {
      if (state?.running)
        events.push({
          type: "Normal",
          reason: "Killing",
          message: `Stopping container ${name}`,
          container: `spec.containers{${name}}`,
        });
    }
  }
  return events;
}

/** What keeps a pod from starting at all, repeated by the kubelet for as long as it lasts. */
export function blockedEvents(pod: V1Pod): KubeletEvent[] {
  const annotations = pod.metadata?.annotations ?? {};
  const handler = annotations["simulation/missing-handler"];
  const volume = annotations["simulation/missing-volume"];
  if (!pod.status?.startTime || pod.status.podIP || pod.metadata?.deletionTimestamp) return [];
  if (volume !== undefined) return [{ type: "Warning", reason: "FailedMount", message: volume }];
  if (handler === undefined) return [];
  const message =
    "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to find runtime handler " +
    `${handler} from runtime list map[crun:0xc00047e300 runc:0xc00047ef00]`;
  return [{ type: "Warning", reason: "FailedCreatePodSandBox", message }];
}

/** The probe that a kubelet reports as failing while a container loads, and how often it sends it. */
export function unhealthy(pod: V1Pod): { event: KubeletEvent; everySeconds: number } | undefined {
  const status = pod.status?.containerStatuses?.[0];
  const container = pod.spec?.containers.find(({ name }) => name === status?.name);
  if (!status?.state?.running || status.ready || !container || pod.metadata?.deletionTimestamp) return undefined;
  const probe = container.startupProbe ?? container.readinessProbe;
  if (!probe?.httpGet) return undefined;
  const kind = container.startupProbe ? "Startup" : "Readiness";
  const port = container.ports?.find(({ name }) => name === probe.httpGet?.port)?.containerPort ?? probe.httpGet.port;
  const address = `${pod.status?.podIP}:${port}`;
  const message = `${kind} probe failed: Get "http://${address}${probe.httpGet.path}": dial tcp ${address}: connect: connection refused`;
  return {
    event: { type: "Warning", reason: "Unhealthy", message, container: `spec.containers{${container.name}}` },
    everySeconds: Math.max(probe.initialDelaySeconds ?? 0, probe.periodSeconds ?? 10),
  };
}

/** Whether nothing keeps a pod from pulling its images. */
function pulls(pod: V1Pod): boolean {
  const annotations = pod.metadata?.annotations ?? {};
  const blocked = annotations["simulation/missing-handler"] ?? annotations["simulation/missing-volume"];
  return !!pod.status?.startTime && blocked === undefined && annotations["simulation/references"] !== "unchecked";
}

function pulling(pod: V1Pod): KubeletEvent[] {
  const init = pod.spec?.initContainers?.[0];
  const container = init ?? pod.spec?.containers[0];
  if (!container) return [];
  const field = `spec.${init ? "initContainers" : "containers"}{${container.name}}`;
  return [{ type: "Normal", reason: "Pulling", message: `Pulling image "${container.image}"`, container: field }];
}

function ofContainer(
  pod: V1Pod,
  was: V1ContainerStatus | undefined,
  is: V1ContainerStatus,
  init: boolean,
): KubeletEvent[] {
  const started = is.state?.running && is.containerID !== was?.containerID;
  if (started) return startEvents(pod, is, init);
  if (was?.state?.running && is.state?.terminated?.exitCode === 137 && is.state.terminated.reason === "Error") {
    const message = `Container ${is.name} failed startup probe, will be restarted`;
    return [{ type: "Normal", reason: "Killing", message }];
  }
  const reason = is.state?.waiting?.reason;
  if (reason === undefined || reason === was?.state?.waiting?.reason) return [];
  const failed = (message: string): KubeletEvent => ({ type: "Warning", reason: "Failed", message });
  switch (reason) {
    case "ErrImagePull":
      return [
        failed(`Failed to pull image "${is.image}": ${is.state?.waiting?.message}`),
        failed("Error: ErrImagePull"),
      ];
    case "ImagePullBackOff":
      return [
        { type: "Normal", reason: "BackOff", message: `Back-off pulling image "${is.image}"` },
        failed("Error: ImagePullBackOff"),
      ];
    case "CrashLoopBackOff": {
      const { name, namespace, uid } = pod.metadata ?? {};
      const message = `Back-off restarting failed container ${is.name} in pod ${name}_${namespace}(${uid})`;
      return [{ type: "Warning", reason: "BackOff", message }];
    }
    case "CreateContainerConfigError":
    case "CreateContainerError":
      return [pulled(pod, is, init), failed(`Error: ${is.state?.waiting?.message}`)];
    default:
      return [];
  }
}

function startEvents(pod: V1Pod, status: V1ContainerStatus, init: boolean): KubeletEvent[] {
  const { name } = status;
  return [
    pulled(pod, status, init),
    { type: "Normal", reason: "Created", message: `Created container: ${name}` },
    { type: "Normal", reason: "Started", message: `Started container ${name}` },
  ];
}

/** The image is there, before anything else of the container is looked at. */
function pulled(pod: V1Pod, { image, restartCount }: V1ContainerStatus, init: boolean): KubeletEvent {
  const first =
    restartCount === 0 && (init || !pod.spec?.initContainers?.some((container) => container.image === image));
  const seconds = Number(pod.metadata?.annotations?.["simulation/pull-seconds"] ?? 0);
  const message = first
    ? `Successfully pulled image "${image}" in ${seconds}s (${seconds}s including waiting)`
    : `Container image "${image}" already present on machine`;
  return { type: "Normal", reason: "Pulled", message };
}
