import { pinImageTag } from "../../../../policies/resource/pinImageTag";
import { deployment, downloader, pod, server, workload } from "../resources";
import { unknown, type PolicyCases } from "../support";

const rhaiis = "registry.redhat.io/rhaiis/vllm-cuda-rhel9";
const of = (image: unknown): ReturnType<typeof pod> => pod({ containers: [server({ image })] });
const finds = (container: string, image: string, kind = "Deployment"): string[] => [
  `${kind} vllm-inference/vllm, container ${container}: 'image' ("${image}") must be pinned; ` +
    "set a digest (@sha256:…) or a tag of three numbers.",
];

export default {
  policy: pinImageTag,
  cases: [
    { says: "a digest", given: deployment() },
    { says: "a tag of three numbers", given: deployment(of(`${rhaiis}:3.2.5-1771898916`)) },
    { says: "a commit as tag", given: deployment(of("registry.example/vllm:rhoai-2.20-64bbc2b6d8")) },
    { says: "a major version alone", given: deployment(of(`${rhaiis}:3`)), finds: finds("server", `${rhaiis}:3`) },
    { says: "no tag in a Pod", given: workload("Pod", of(rhaiis)), finds: finds("server", rhaiis, "Pod") },
    {
      says: "latest from a registry with a port",
      given: deployment(of("mirror.example:5000/vllm:latest")),
      finds: finds("server", "mirror.example:5000/vllm:latest"),
    },
    {
      says: "a floating tag in the init container",
      given: deployment(pod({ initContainers: [downloader({ image: `${rhaiis}:3` })] })),
      finds: finds("model-downloader", `${rhaiis}:3`),
    },
    {
      says: "a floating tag of something else",
      given: deployment(pod({ containers: [server(), { name: "proxy", image: "registry.example/proxy:latest" }] })),
    },
    {
      says: "a floating tag that server and init container share, once",
      given: deployment(
        pod({ containers: [server({ image: `${rhaiis}:3` })], initContainers: [downloader({ image: `${rhaiis}:3` })] }),
      ),
      finds: finds("server", `${rhaiis}:3`),
    },
    {
      says: "this program's default, in a line",
      given: deployment(of(`${rhaiis}:3`), {}, { annotations: { "vllm-inference/component": "vllm" } }),
      finds: ["Deployment vllm-inference/vllm: 'image' (the default, :3) must be pinned; set a digest."],
    },
    { says: "no image at all", given: deployment(of(undefined)) },
    { says: "an image that is not known yet", given: deployment(of(unknown)) },
  ],
} satisfies PolicyCases;
