import { requireRhaiisImage } from "../../../../policies/resource/requireRhaiisImage";
import { deployment, downloader, pod, server, workload } from "../resources";
import { unknown, type PolicyCases } from "../support";

const of = (image: unknown, more = {}): ReturnType<typeof pod> => pod({ containers: [server({ image, ...more })] });
const finds = (where: string, image: string): string[] => [
  `${where}, container server: 'image' ("${image}") must be a Red Hat AI Inference Server image; set image: ` +
    `"registry.redhat.io/rhaiis/vllm-cuda-rhel9@sha256:…", or list the repository in allowedImages.`,
];

export default {
  policy: requireRhaiisImage,
  cases: [
    { says: "the RHAIIS image by digest", given: deployment() },
    {
      says: "the repository of the versions from 3.4 on",
      given: deployment(of("registry.redhat.io/rhaii/vllm-cuda-rhel9:3.4")),
    },
    { says: "the same image from a mirror", given: deployment(of("mirror.example:5000/rhaiis/vllm-cuda-rhel9:3.2.5")) },
    {
      says: "the community image in a Deployment",
      given: deployment(of("vllm/vllm-openai:v0.11.2")),
      finds: finds("Deployment vllm-inference/vllm", "vllm/vllm-openai:v0.11.2"),
    },
    {
      says: "the community image in a StatefulSet, started by the image itself",
      given: workload("StatefulSet", of("docker.io/vllm/vllm-openai", { command: undefined })),
      finds: finds("StatefulSet vllm-inference/vllm", "docker.io/vllm/vllm-openai"),
    },
    {
      says: "the community image in a sidecar among the init containers",
      given: deployment(
        pod({ initContainers: [server({ image: "vllm/vllm-openai", restartPolicy: "Always" })], containers: [] }),
      ),
      finds: finds("Deployment vllm-inference/vllm", "vllm/vllm-openai"),
    },
    {
      says: "an image that the configuration allows",
      given: deployment(of("quay.io/modh/vllm:rhoai-2.20")),
      config: { allowedImages: ["quay.io/modh/*"] },
    },
    {
      says: "another image for the download",
      given: deployment(pod({ initContainers: [downloader({ image: "python:3.12.1" })] })),
    },
    { says: "no image at all", given: deployment(of(undefined)) },
    { says: "an image that is not known yet", given: deployment(of(unknown)) },
  ],
} satisfies PolicyCases;
