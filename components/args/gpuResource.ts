import { parseImage } from "../text/syntax";
import { type Problem, problem } from "../text/errors";
import type { Defaults } from "./defaults";

/** Resources that are GPUs or parts of them, by their makers. */
export const gpuResources = /^(nvidia\.com|amd\.com|gpu\.intel\.com|habana\.ai)\//;

const migSlice = /^nvidia\.com\/mig-\d+g\.\d+gb(?:\.\w+)?$/;

/** Whether it is a slice of a GPU. A process of CUDA's uses one alone: https://docs.nvidia.com/datacenter/tesla/mig-user-guide/ */
export function isSlice(resource: string): boolean {
  return migSlice.test(resource);
}

/** Whether NVIDIA's container runtime hands it out. */
export function isNvidia(resource: string): boolean {
  return resource.startsWith("nvidia.com/");
}

/** Key of the taint that such nodes usually have: slices lie on nodes with the taint of whole GPUs. */
export function taintOf(resource: string): string {
  return isNvidia(resource) ? "nvidia.com/gpu" : resource;
}

/** Makers by the part of Red Hat's image names that says for whom the image is. */
const makers: Readonly<Record<string, string>> = { cuda: "nvidia.com", rocm: "amd.com", gaudi: "habana.ai" };

type Asked = Pick<Defaults, "gpuResource" | "tensorParallelSize" | "image">;

export function gpuResourceProblems({ gpuResource, tensorParallelSize, image }: Asked): Problem[] {
  const isName = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(gpuResource.split("/")[1] ?? "");
  const isMisspeltSlice = gpuResource.startsWith("nvidia.com/mig") && !isSlice(gpuResource);
  if (!gpuResources.test(gpuResource) || !isName || gpuResource.split("/").length > 2 || isMisspeltSlice) {
    const rule = "be a resource that nodes offer GPUs as, of nvidia.com, amd.com, gpu.intel.com or habana.ai";
    const remedy = "set one such as nvidia.com/gpu or nvidia.com/mig-3g.40gb, as `oc describe node` shows it";
    return [problem("gpuResource", gpuResource, rule, remedy)];
  }
  const problems: Problem[] = [];
  const [, kind = ""] = /\/vllm-([a-z]+)-rhel\d+$/.exec(parseImage(image)?.repository ?? "") ?? [];
  const maker = makers[kind];
  if (maker !== undefined && !gpuResource.startsWith(`${maker}/`)) {
    const rule = `be one of ${maker} while 'image' (${image}) is made for ${kind}`;
    problems.push(
      problem("gpuResource", gpuResource, rule, `set one such as ${maker}/gpu, or the image for these GPUs`),
    );
  }
  if (isSlice(gpuResource) && tensorParallelSize > 1) {
    const rule = `be 1 while 'gpuResource' is ${gpuResource}, because a server uses one slice alone`;
    problems.push(problem("tensorParallelSize", tensorParallelSize, rule, "set 1 and a larger slice, or whole GPUs"));
  }
  return problems;
}
