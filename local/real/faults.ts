/** Faults that a real node can be given, each under the name by which the simulation plays it where it does. */

/** An operation of RFC 6902 on a pod that is being made. Of two variables of one name the later one counts. */
export interface PodChange {
  readonly op: "add" | "replace";
  readonly path: string;
  readonly value: unknown;
}

export interface RealFault {
  /** What is wrong, in words. */
  readonly what: string;
  /** What new pods have otherwise. */
  readonly pod?: readonly PodChange[];
  /** Command lines run in the node; {volume} stands for the claim's folder. */
  readonly arrange?: readonly string[];
  /** Command lines that take it back. */
  readonly mend?: readonly string[];
  /** Gets SIGKILL, where it runs: a program of the node, or the processes of its pods whose command line begins so. */
  readonly kill?: { readonly program: string } | { readonly process: string };
}

const init = (path: string, value: unknown): PodChange => ({
  op: "add",
  path: `/spec/initContainers/0/${path}`,
  value,
});
const server = (path: string, value: unknown): PodChange => ({ op: "add", path: `/spec/containers/0/${path}`, value });
const variable = (name: string, value: string): object => ({ name, value });
const noModel = "rm -rf {volume}/Qwen {volume}/.model-downloader";

export const realFaults: Readonly<Record<string, RealFault>> = {
  "downloader-offline": {
    what: "HF_HUB_OFFLINE=1 in the init container, and no model on the volume",
    arrange: [noModel],
    pod: [init("env/-", variable("HF_HUB_OFFLINE", "1"))],
  },
  "downloader-unauthorized": {
    what: "a token that the Hub does not know",
    arrange: [noModel],
    pod: [init("env/-", variable("HF_TOKEN", "hf_wrong"))],
  },
  "downloader-not-found": {
    what: "a model that the Hub does not have",
    pod: [init("env/-", variable("MODEL_ID", "Qwen/Qwen9-Nothing"))],
  },
  "downloader-permission-denied": {
    what: "a volume of another owner, and a pod that is not root",
    arrange: [`${noModel} {volume}/.hf-cache {volume}/.vllm-cache`, "chown 4711:4711 {volume}", "chmod 0700 {volume}"],
    mend: ["chown 0:0 {volume}", "chmod 0755 {volume}"],
    pod: [{ op: "add", path: "/spec/securityContext/runAsUser", value: 1000660000 }],
  },
  "downloader-disk-full": {
    what: "a volume with no room left",
    arrange: [noModel, "fallocate -l $(($(df --output=avail -B1 {volume} | tail -1) - 300000)) {volume}/filler"],
    mend: ["rm -f {volume}/filler"],
  },
  "server-unknown-argument": {
    what: "an argument that this vLLM does not know",
    pod: [server("args/-", "--no-such-argument")],
  },
  "server-unknown-parser": {
    what: "a tool-call parser that this vLLM does not know",
    pod: [server("args/-", "--tool-call-parser"), server("args/-", "hermess")],
  },
  "server-vllm-port": {
    what: "service links on, beside a Service named vllm",
    pod: [{ op: "add", path: "/spec/enableServiceLinks", value: true }],
  },
  "server-broken-weights": {
    what: "a model file whose header is damaged, of the right length",
    arrange: ["dd if=/dev/zero of=$(ls {volume}/Qwen/*/model.safetensors) bs=64 count=1 conv=notrunc"],
    mend: [noModel],
  },
  "server-oom-killed": {
    what: "a memory limit below what the engine needs",
    pod: [server("resources/requests/memory", "256Mi"), server("resources/limits/memory", "400Mi")],
  },
  "server-startup-probe": {
    what: "a load that outlasts its startup probe",
    pod: [
      server("startupProbe/initialDelaySeconds", 0),
      server("startupProbe/periodSeconds", 2),
      server("startupProbe/failureThreshold", 3),
    ],
  },
  "server-unready": {
    what: "a readiness probe that nothing answers",
    pod: [server("readinessProbe/httpGet/path", "/not-there")],
  },
  "server-engine-killed": {
    what: "SIGKILL of the engine's process while it serves",
    pod: [server("env/-", variable("VLLM_ENABLE_V1_MULTIPROCESSING", "1"))],
    kill: { process: "VLLM::EngineCore" },
  },
  "volume-not-mounted": {
    what: "the folder of a local volume is not there",
    // Kept elsewhere meanwhile: a disk that pods still use is not mounted a second time.
    arrange: ["mkdir {volume}.away", "mount --bind {volume} {volume}.away", "umount {volume}", "rmdir {volume}"],
    mend: [
      "[ ! -d {volume}.away ] || { mkdir -p {volume}; mount --bind {volume}.away {volume}; umount {volume}.away; rmdir {volume}.away; }",
    ],
  },
  "image-registry-unreachable": {
    what: "an image that the node does not have, of a registry that it does not reach",
    pod: [init("image", "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.99")],
  },
  "missing-secret": {
    what: "a Secret that does not exist",
    pod: [init("env/-", { name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "not-there", key: "token" } } })],
  },
  "node-lost": {
    what: "the kubelet is killed while the model serves",
    kill: { program: "kubelet" },
  },
};
