import { requireAnyuidForRoot } from "../../../../policies/stack/requireAnyuidForRoot";
import { binding, deployment, downloader, pod, role, stackWith, workload } from "../resources";
import { unknown, type PolicyCases } from "../support";

const finds = (account = "vllm-sa", kind = "Deployment"): string[] => [
  `${kind} vllm-inference/vllm: 'spec.template.spec.serviceAccountName' ("${account}") must be bound to the anyuid SCC, because ` +
    "runAsUser is 0; add a Role with verb use on securitycontextconstraints/anyuid and its RoleBinding, or list it in boundElsewhere.",
];
const inherited = { roleRef: { kind: "ClusterRole", name: "system:openshift:scc:anyuid" } };

export default {
  policy: requireAnyuidForRoot,
  cases: [
    { says: "a Role and a RoleBinding", given: stackWith() },
    { says: "OpenShift's own ClusterRole", given: [deployment(), binding(inherited)] },
    { says: "neither", given: [deployment()], finds: finds() },
    {
      says: "a Role alone, for a StatefulSet",
      given: [role(), workload("StatefulSet")],
      finds: finds("vllm-sa", "StatefulSet"),
    },
    {
      says: "a binding of another account",
      given: stackWith(binding({ subjects: [{ kind: "ServiceAccount", name: "other", namespace: "vllm-inference" }] })),
      finds: finds(),
    },
    { says: "a Role for another SCC", given: stackWith(role({ resourceNames: ["nonroot-v2"] })), finds: finds() },
    { says: "a Role without the verb", given: stackWith(role({ verbs: ["get"] })), finds: finds() },
    {
      says: "a binding in another namespace",
      given: [deployment(), role(), binding({}, { namespace: "other" })],
      finds: finds(),
    },
    {
      says: "no account, which means the default one",
      given: [deployment(pod({ serviceAccountName: undefined }))],
      finds: finds("default"),
    },
    {
      says: "an init container as root without a binding",
      given: [
        deployment(
          pod({ securityContext: undefined, initContainers: [downloader({ securityContext: { runAsUser: 0 } })] }),
        ),
      ],
      finds: finds(),
    },
    { says: "no root", given: [deployment(pod({ securityContext: undefined }))] },
    {
      says: "an account that the configuration calls bound",
      given: [deployment()],
      config: { boundElsewhere: ["vllm-inference/vllm-sa"] },
    },
    { says: "subjects that are not known yet", given: stackWith(binding({ subjects: unknown })) },
    {
      says: "a role's name that is not known yet",
      given: stackWith(binding({ roleRef: { kind: "Role", name: unknown } })),
    },
  ],
} satisfies PolicyCases;
