/**
 * Faults that a real node is given, each under the name by which the simulation plays it where it does. `change` is a strategic merge patch
 * of the Deployment; `arrange` does to the volume or the node what no manifest can say.
 */
export interface RealFault {
  /** What is wrong, in words. */
  readonly what: string;
  readonly change?: object;
  /** Command lines run in the cell; {volume} stands for the claim's folder. */
  readonly arrange?: readonly string[];
  /** Command lines that take it back. */
  readonly mend?: readonly string[];
  /** When enough has been seen. */
  readonly until: "init-crashed" | "server-crashed" | "server-restarted" | "stuck" | "running-unready" | "node-lost";
  /** Once the pod is Ready: a process whose command line holds this gets SIGKILL. */
  readonly kill?: string;
}

const init = (more: object): object => ({ initContainers: [{ name: "model-downloader", ...more }] });
const server = (more: object): object => ({ containers: [{ name: "server", ...more }] });
const pod = (spec: object): object => ({ spec: { template: { spec } } });
/** Patches replace a list of strings whole: the recorder puts these after the container's own. */
export const appended = "append";

export const realFaults: Readonly<Record<string, RealFault>> = {
  "downloader-offline": {
    what: "HF_HUB_OFFLINE=1 in the init container, and no model on the volume",
    arrange: ["rm -rf {volume}/Qwen {volume}/.model-downloader"],
    change: pod(init({ env: [{ name: "HF_HUB_OFFLINE", value: "1" }] })),
    until: "init-crashed",
  },
  "downloader-unauthorized": {
    what: "a token that the Hub does not know",
    arrange: ["rm -rf {volume}/Qwen {volume}/.model-downloader"],
    change: pod(init({ env: [{ name: "HF_TOKEN", value: "hf_wrong", valueFrom: null }] })),
    until: "init-crashed",
  },
  "downloader-not-found": {
    what: "a model that the Hub does not have",
    change: pod(init({ env: [{ name: "MODEL_ID", value: "Qwen/Qwen9-Nothing" }] })),
    until: "init-crashed",
  },
  "downloader-permission-denied": {
    what: "a volume of another owner, and a pod that is not root",
    arrange: [
      "rm -rf {volume}/Qwen {volume}/.model-downloader {volume}/.hf-cache {volume}/.vllm-cache",
      "chown 4711:4711 {volume}",
      "chmod 0700 {volume}",
    ],
    mend: ["chown 0:0 {volume}", "chmod 0755 {volume}"],
    change: pod({ securityContext: { runAsUser: 1000660000 } }),
    until: "init-crashed",
  },
  "downloader-disk-full": {
    what: "a volume with no room left",
    arrange: [
      "rm -rf {volume}/Qwen {volume}/.model-downloader",
      "fallocate -l $(($(df --output=avail -B1 {volume} | tail -1) - 300000)) {volume}/filler",
    ],
    mend: ["rm -f {volume}/filler"],
    until: "init-crashed",
  },
  "server-unknown-argument": {
    what: "an argument that this vLLM does not know",
    change: pod(server({ args: [appended, "--no-such-argument"] })),
    until: "server-crashed",
  },
  "server-unknown-parser": {
    what: "a tool-call parser that this vLLM does not know",
    change: pod(server({ args: [appended, "--tool-call-parser", "hermess"] })),
    until: "server-crashed",
  },
  "server-vllm-port": {
    what: "service links on, beside a Service named vllm",
    change: pod({ enableServiceLinks: true }),
    until: "server-crashed",
  },
  "server-broken-weights": {
    what: "a model file whose header is damaged, of the right length",
    arrange: ["dd if=/dev/zero of={volume}/Qwen/Qwen2.5-7B-Instruct-AWQ/model.safetensors bs=64 count=1 conv=notrunc"],
    mend: ["rm -rf {volume}/Qwen {volume}/.model-downloader"],
    until: "server-crashed",
  },
  "server-oom-killed": {
    what: "a memory limit below what the engine needs",
    change: pod(server({ resources: { requests: { memory: "256Mi" }, limits: { memory: "400Mi" } } })),
    until: "server-crashed",
  },
  "server-startup-probe": {
    what: "a load that outlasts its startup probe",
    change: pod(server({ startupProbe: { periodSeconds: 2, failureThreshold: 3 } })),
    until: "server-restarted",
  },
  "server-unready": {
    what: "a readiness probe that nothing answers",
    change: pod(server({ readinessProbe: { httpGet: { path: "/not-there", port: "http" }, periodSeconds: 5 } })),
    until: "running-unready",
  },
  "server-engine-killed": {
    what: "SIGKILL of the engine's process while it serves",
    change: pod(server({ env: [{ name: "VLLM_ENABLE_V1_MULTIPROCESSING", value: "1" }] })),
    kill: "VLLM::EngineCore",
    until: "server-crashed",
  },
  "volume-not-mounted": {
    what: "the folder of a local volume is not there",
    arrange: ["umount {volume}", "rmdir {volume}"],
    until: "stuck",
  },
  "image-registry-unreachable": {
    what: "an image that the node does not have, of a registry that it does not reach",
    change: pod({ ...init({ image: "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.99" }) }),
    until: "stuck",
  },
  "missing-secret": {
    what: "a Secret that does not exist",
    change: pod(
      init({ env: [{ name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "not-there", key: "token" } } }] }),
    ),
    until: "stuck",
  },
  "node-lost": {
    what: "the kubelet is killed while the model serves",
    kill: "/opt/tools/kubelet/kubelet",
    until: "node-lost",
  },
};
