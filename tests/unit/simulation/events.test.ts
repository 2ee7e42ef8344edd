import { deepEqual, equal, match } from "node:assert/strict";
import { blockedEvents, eventsBetween, unhealthy } from "../../../local/simulation/events";
import { container, pod } from "./support";

const reasons = (...args: Parameters<typeof eventsBetween>): string[] =>
  eventsBetween(...args).map(({ reason }) => reason);
const waiting = (reason: string, message?: string) =>
  pod({ initContainerStatuses: [container("model-downloader", { waiting: { reason, message } })] });

describe("simulated kubelet events", () => {
  it("tell nothing of a pod that was there before", () => {
    deepEqual(reasons(undefined, waiting("ErrImagePull", "no")), []);
  });

  it("tell of the pull once nothing keeps the pod from it", () => {
    const fresh = pod();
    delete fresh.status!.startTime;
    deepEqual(reasons(fresh, pod()), ["Pulling"]);
    const blocked = pod({}, { "simulation/missing-volume": "gone" });
    deepEqual(reasons(fresh, blocked), []);
    deepEqual(reasons(blocked, pod()), ["Pulling"]);
    deepEqual(reasons(fresh, pod({}, { "simulation/references": "unchecked" })), []);
  });

  it("tell of a start, and say which container", () => {
    const started = pod({
      initContainerStatuses: [container("model-downloader", { running: {} }, { containerID: "cri-o://1" })],
    });
    const events = eventsBetween(waiting("PodInitializing"), started);
    deepEqual(
      events.map(({ reason }) => reason),
      ["Pulled", "Created", "Started"],
    );
    equal(events[0]?.container, "spec.initContainers{model-downloader}");
  });

  it("carry the cause of a failed pull only while it is known", () => {
    const [pull] = eventsBetween(waiting("PodInitializing"), waiting("ErrImagePull", "manifest unknown"));
    equal(pull?.message, 'Failed to pull image "registry.example/rhaiis/vllm:3": manifest unknown');
    const back = eventsBetween(waiting("ErrImagePull"), waiting("ImagePullBackOff"));
    deepEqual(
      back.map(({ message }) => message),
      ['Back-off pulling image "registry.example/rhaiis/vllm:3"', "Error: ImagePullBackOff"],
    );
    deepEqual(eventsBetween(waiting("ErrImagePull"), waiting("ErrImagePull")), []);
  });

  it("name the pod in the back-off of a crash", () => {
    const [event] = eventsBetween(waiting("PodInitializing"), waiting("CrashLoopBackOff"));
    equal(event?.message, "Back-off restarting failed container model-downloader in pod vllm-abc_team(u-1)");
    equal(event?.type, "Warning");
  });

  it("tell which probe killed a container", () => {
    const was = pod({ containerStatuses: [container("server", { running: {} }, { containerID: "1" })] });
    const killed = (reason: string) =>
      pod({
        containerStatuses: [container("server", { terminated: { exitCode: 137, reason } }, { containerID: "1" })],
      });
    deepEqual(reasons(was, killed("Error")), ["Killing"]);
    deepEqual(reasons(was, killed("OOMKilled")), []);
  });

  it("repeat what keeps a pod from starting", () => {
    const blocked = (annotation: string) => {
      const one = pod({}, { [`simulation/missing-${annotation}`]: "nvidia" });
      delete one.status!.podIP;
      return blockedEvents(one).map(({ reason, message }) => `${reason}: ${message}`);
    };
    match(
      blocked("handler")[0] ?? "",
      /^FailedCreatePodSandBox: .*failed to find runtime handler nvidia from runtime list map/,
    );
    deepEqual(blocked("volume"), ["FailedMount: nvidia"]);
    deepEqual(blockedEvents(pod({}, { "simulation/missing-handler": "nvidia" })), []);
  });

  it("report the startup probe with the pod's address and the port's number", () => {
    const loading = pod({ containerStatuses: [container("server", { running: { startedAt: new Date() } })] });
    const { event, everySeconds } = unhealthy(loading)!;
    equal(
      event.message,
      'Startup probe failed: Get "http://10.0.0.7:8000/health": dial tcp 10.0.0.7:8000: connect: connection refused',
    );
    equal(everySeconds, 30);
    loading.status!.containerStatuses![0]!.ready = true;
    equal(unhealthy(loading), undefined);
  });
});
