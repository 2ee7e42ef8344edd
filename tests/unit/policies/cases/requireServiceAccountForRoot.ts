import { requireServiceAccountForRoot } from "../../../../policies/resource/requireServiceAccountForRoot";
import { deployment, downloader, pod, server, workload } from "../resources";
import { unknown, type PolicyCases } from "../support";

const finds = (shown: string, kind = "Deployment", path = "spec.template.spec"): string[] => [
  `${kind} vllm-inference/vllm: '${path}.serviceAccountName' (${shown}) must name an account of its own, because runAsUser ` +
    "is 0; set serviceAccountName to one that may use the anyuid SCC, or drop runAsUser: 0.",
];
const root = { securityContext: { runAsUser: 0 } };

export default {
  policy: requireServiceAccountForRoot,
  cases: [
    { says: "root with an account of its own", given: deployment() },
    {
      says: "root without an account",
      given: deployment(pod({ serviceAccountName: undefined })),
      finds: finds("absent"),
    },
    {
      says: "root with the default account, in a Pod",
      given: workload("Pod", pod({ serviceAccountName: "default" })),
      finds: finds('"default"', "Pod", "spec"),
    },
    {
      says: "an init container as root without an account",
      given: deployment(
        pod({ serviceAccountName: undefined, securityContext: undefined, initContainers: [downloader(root)] }),
      ),
      finds: finds("absent"),
    },
    {
      says: "another user without an account",
      given: deployment(pod({ serviceAccountName: undefined, securityContext: { runAsUser: 1000 } })),
    },
    {
      says: "no user at all",
      given: deployment(pod({ serviceAccountName: undefined, securityContext: undefined, containers: [server()] })),
    },
    { says: "an account that is not known yet", given: deployment(pod({ serviceAccountName: unknown })) },
    {
      says: "a user that is not known yet",
      given: deployment(pod({ serviceAccountName: undefined, securityContext: { runAsUser: unknown } })),
    },
  ],
} satisfies PolicyCases;
