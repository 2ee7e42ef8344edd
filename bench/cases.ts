/** The dooms that are timed: how each is brought about, and how the cluster itself reports it. */
import type { CoreV1Event, V1Pod } from "@kubernetes/client-node";

export interface DoomCase {
  readonly name: string;
  /** A fault of the simulation, for what no real component here would do. */
  readonly fault?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly reported: (seen: { readonly pods: readonly V1Pod[]; readonly events: readonly CoreV1Event[] }) => boolean;
}

const waiting = (pods: readonly V1Pod[], ...reasons: readonly string[]): boolean =>
  pods
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .some(({ state }) => reasons.includes(state?.waiting?.reason ?? ""));

const initFailed = (pods: readonly V1Pod[]): boolean =>
  pods
    .flatMap(({ status }) => status?.initContainerStatuses ?? [])
    .some(({ state, lastState }) => (state?.terminated?.exitCode ?? lastState?.terminated?.exitCode ?? 0) !== 0);

const eventOf = (events: readonly CoreV1Event[], ...reasons: readonly string[]): boolean =>
  events.some(({ reason }) => reasons.includes(reason ?? ""));

const downloader = (fault: string): DoomCase => ({ name: fault, fault, reported: ({ pods }) => initFailed(pods) });
const crashLoop = (fault: string): DoomCase => ({
  name: fault,
  fault,
  reported: ({ pods }) => waiting(pods, "CrashLoopBackOff"),
});

export const doomCases: readonly DoomCase[] = [
  {
    name: "image-not-found",
    fault: "image-not-found",
    reported: ({ pods }) => waiting(pods, "ErrImagePull", "ImagePullBackOff"),
  },
  {
    name: "image-credentials",
    fault: "image-credentials",
    reported: ({ pods }) => waiting(pods, "ErrImagePull", "ImagePullBackOff"),
  },
  downloader("downloader-permission-denied"),
  downloader("downloader-offline"),
  downloader("downloader-unauthorized"),
  downloader("downloader-disk-full"),
  downloader("downloader-not-found"),
  crashLoop("server-vllm-port"),
  crashLoop("server-unknown-argument"),
  crashLoop("server-cuda"),
  crashLoop("server-out-of-memory"),
  crashLoop("server-oom-killed"),
  {
    name: "no GPU free",
    config: { tensorParallelSize: 16, sharedMemorySize: "2Gi" },
    reported: ({ events }) => eventOf(events, "FailedScheduling"),
  },
  {
    name: "node selector",
    config: { nodeSelector: { "nvidia.com/gpu.product": "none-such" } },
    reported: ({ events }) => eventOf(events, "FailedScheduling"),
  },
  { name: "taint", config: { tolerations: [] }, reported: ({ events }) => eventOf(events, "FailedScheduling") },
  {
    name: "runtime class",
    config: { runtimeClassName: "none-such" },
    reported: ({ events }) => eventOf(events, "FailedCreate"),
  },
  { name: "SCC not granted", config: { grantScc: false }, reported: ({ events }) => eventOf(events, "FailedCreate") },
  {
    name: "claim cannot bind",
    config: { storageClassName: "simulated-unavailable" },
    reported: ({ events }) => eventOf(events, "FailedScheduling", "ProvisioningFailed", "FailedBinding"),
  },
];
