/**
 * Where the texts of rows that were not recorded stand: each file was read in the version named, and holds the text. A row that only the
 * reports of others know names these.
 */
import type { Reference } from "./symptom";

export const at = (where: string, link: string): Reference => ({ where, link });

/** Files of a repository at one tag or commit. */
const files =
  (program: string, repository: string, tag: string) =>
  (path: string): Reference =>
    at(`${program}, ${path}`, `https://github.com/${repository}/blob/${tag}/${path}`);

/** A file of vLLM, in every version that the image lines have, or in those named; the link is the last one's. */
export const inVllm = (path: string, versions = "0.13.0 to 0.32.0"): Reference =>
  files(`vLLM ${versions}`, "vllm-project/vllm", `v${versions.split(" ").at(-1)}`)(path);
export const inTransformers = (path: string, version = "4.57.3"): Reference =>
  files(`transformers ${version}`, "huggingface/transformers", `v${version}`)(path);

export const inTorch = files("PyTorch 2.9.1", "pytorch/pytorch", "v2.9.1");
export const inFlashInfer = files("FlashInfer 0.5.3", "flashinfer-ai/flashinfer", "v0.5.3");
export const inKubernetes = files("Kubernetes 1.34.2", "kubernetes/kubernetes", "v1.34.2");
export const inCrio = files("CRI-O 1.31.0", "cri-o/cri-o", "v1.31.0");
export const inContainerd = files("containerd 1.7.33", "containerd/containerd", "v1.7.33");
export const inCrun = files("crun 1.14", "containers/crun", "1.14");
export const inContainersImage = files("containers/image 5.36.1", "containers/image", "v5.36.1");
export const inToolkit = files("NVIDIA's container toolkit 1.17.8", "NVIDIA/nvidia-container-toolkit", "v1.17.8");
export const inRouter = files("OpenShift's router", "openshift/router", "4b401a86d");
export const inSccAdmission = files("OpenShift's SCC admission", "openshift/apiserver-library-go", "a8019f39f");

export const inPython = (page: string): Reference => at("Python 3.12", `https://docs.python.org/3.12/${page}`);
export const inLinux = (page: string): Reference =>
  at(`Linux, ${page}`, `https://man7.org/linux/man-pages/man${page.split(".")[1]}/${page}.html`);

/** What `cudaGetErrorString` gives, and PyTorch prints. */
export const cudaErrors = at(
  "CUDA 12.8, cudaError_t",
  "https://docs.nvidia.com/cuda/archive/12.8.0/cuda-runtime-api/group__CUDART__TYPES.html",
);
export const libnvidiaContainer = files(
  "libnvidia-container",
  "NVIDIA/libnvidia-container",
  "5823754b8577d16fabf25a6ef6a1d58f7ff1e5dd",
)("src/cli/dsl.c");
export const replaced = at("the deployment that this program replaces", "https://github.com/mmartofel/rhaiis-vllm-ocp");
