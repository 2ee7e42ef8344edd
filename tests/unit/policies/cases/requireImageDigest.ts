import { requireImageDigest } from "../../../../policies/resource/requireImageDigest";
import { deployment, downloader, pod, server, workload } from "../resources";
import { unknown, type PolicyCases } from "../support";

const tagged = "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.2.5";
const of = (image: unknown): ReturnType<typeof pod> => pod({ containers: [server({ image })] });
const finds = (container: string, stack = "prod", kind = "Deployment"): string[] => [
  `${kind} vllm-inference/vllm, container ${container}: 'image' ("${tagged}") must end in a digest, because stack ` +
    `${stack} is production; set image: <repository>@sha256:<digest>.`,
];

export default {
  policy: requireImageDigest,
  cases: [
    { says: "a digest in production", given: deployment(), stack: "prod" },
    { says: "a full version in production", given: deployment(of(tagged)), stack: "prod", finds: finds("server") },
    {
      says: "a full version in a CronJob in production",
      given: workload("CronJob", of(tagged)),
      stack: "prod",
      finds: finds("server", "prod", "CronJob"),
    },
    {
      says: "a tag in the init container in production",
      given: deployment(pod({ initContainers: [downloader({ image: tagged })] })),
      stack: "prod",
      finds: finds("model-downloader"),
    },
    { says: "a full version elsewhere", given: deployment(of(tagged)), stack: "dev" },
    {
      says: "a stack that the configuration calls production",
      given: deployment(of(tagged)),
      stack: "live-eu",
      config: { productionStacks: ["live-*"] },
      finds: finds("server", "live-eu"),
    },
    {
      says: "a stack prod that the configuration does not call production",
      given: deployment(of(tagged)),
      stack: "prod",
      config: { productionStacks: ["live-*"] },
    },
    { says: "no image at all", given: deployment(of(undefined)), stack: "prod" },
    { says: "an image that is not known yet", given: deployment(of(unknown)), stack: "prod" },
  ],
} satisfies PolicyCases;
