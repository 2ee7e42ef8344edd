import { inKubernetes, inSccAdmission } from "./sources";
import { recorded, reported, type Row, setting, unsetting } from "./symptom";

/** Why the cluster refuses to create the pod. */
export const admissionSymptoms = [
  {
    id: "admission-webhook",
    title: "a policy of the cluster refuses the pod",
    sees: 'no pod: `admission webhook "…" denied the request`',
    area: "admission",
    patterns: [/admission webhook "[^"]+" denied the request/i],
    remedy:
      "its words say what it asks for; who runs that webhook can say which pods it lets through, or make an exception",
    mend: (text) => {
      const [, name = ""] = /admission webhook "([^"]+)" denied/i.exec(text) ?? [];
      const runs = /kyverno/i.test(name)
        ? "Kyverno (`kubectl get clusterpolicy,policy -A`)"
        : /gatekeeper/i.test(name)
          ? "Gatekeeper (`kubectl get constraints`)"
          : /kueue/i.test(name)
            ? "Kueue (`kubectl get localqueue -A`)"
            : "it";
      const root = /root|privilege|runAsNonRoot/i.test(text)
        ? "; where it forbids root, set `securityMode` to `restricted`"
        : "";
      return (
        name &&
        `the webhook \`${name}\` refuses it: its words say what it asks for; ask who runs ${runs} for an exception${root}`
      );
    },
    command: "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations",
    program: "shows the webhook's name and its own words; needs neither root nor privileges with `restricted`",
    doom: "at-once",
    example:
      'admission webhook "validate.kyverno.svc-fail" denied the request: resource Pod/x was blocked due to the following policies',
    source: reported(inKubernetes("staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/errors/statuserror.go")),
  },
  {
    id: "admission-webhook-unreachable",
    title: "a webhook that must be asked about each pod does not answer",
    sees: "no pod: `failed calling webhook`",
    area: "admission",
    patterns: [/failed calling webhook "/i],
    remedy:
      "have its owner bring it up again (the line names its Service); until then the cluster creates no pods in this namespace",
    mend: (text) => {
      const [, name] = /failed calling webhook "([^"]+)"/.exec(text) ?? [];
      return (
        name &&
        `have the owner of webhook \`${name}\` bring it up again; until then the cluster creates no pods in this namespace`
      );
    },
    command: "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations",
    program: "waits a little, since it may just be starting",
    doom: "repeated",
    example:
      'Internal error occurred: failed calling webhook "mpod.kb.io": failed to call webhook: no endpoints available for service',
    source: reported(inKubernetes("staging/src/k8s.io/apiserver/pkg/util/webhook/error.go")),
  },
  {
    id: "scc-refused",
    title: "the ServiceAccount may not use the anyuid SCC",
    sees: "no pod: `unable to validate against any security context constraint`",
    area: "admission",
    patterns: [/security context constraint/i, /securitycontextconstraints/i, /\bSCC\b/],
    remedy:
      "ask a cluster admin to grant it (`oc adm policy add-scc-to-user anyuid -z {account} -n {namespace}`), or set `securityMode` to " +
      "`restricted`, which needs no SCC",
    command: "oc adm policy add-scc-to-user anyuid -z {account} -n {namespace}",
    program:
      "grants the SCC to its own ServiceAccount, before the pod is made; with `restricted` needs none; `doctor` looks whether it may grant it",
    doom: "at-once",
    example:
      "pods is forbidden: unable to validate against any security context constraint: [provider restricted-v2: ...]",
    source: reported(inSccAdmission("pkg/securitycontextconstraints/sccadmission/admission.go")),
  },
  {
    id: "quota-exceeded",
    title: "a ResourceQuota is used up",
    sees: "no pod: `exceeded quota`",
    area: "admission",
    patterns: [/exceeded quota/i, /failed quota/i],
    remedy:
      "raise the namespace's ResourceQuota, or lower what its words name: `resources`, `downloaderResources` or `pvcSize` (`kubectl describe resourcequota`)",
    command: "kubectl describe resourcequota -n {namespace}",
    program: "`doctor` compares the quota with what the pod asks for before a deployment",
    doom: "repeated",
    example: "pods is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used: 1, limited: 1",
    source: recorded("Kubernetes 1.34.2"),
  },
  {
    id: "pod-security",
    title: "Pod Security forbids the pod",
    sees: 'no pod: `violates PodSecurity "restricted"`',
    area: "admission",
    patterns: [/violates PodSecurity/i],
    remedy: "set `securityMode` to `restricted`, or ask for a namespace whose Pod Security level admits user 0",
    command: setting("securityMode", "restricted"),
    program: "runs without root and privileges with `restricted`",
    doom: "at-once",
    example: 'pods is forbidden: violates PodSecurity "restricted:latest": runAsUser=0',
    source: recorded("Kubernetes 1.34.2"),
  },
  {
    id: "runtime-class-missing",
    title: "the cluster has no such RuntimeClass",
    sees: 'no pod: `RuntimeClass "nvidia" not found`',
    area: "admission",
    patterns: [/runtimeclass(es\S*)? "?[^"]*"? not found/i],
    remedy: "leave `runtimeClassName` unset on this cluster, or name one that `kubectl get runtimeclass` shows",
    command: unsetting("runtimeClassName"),
    program: "leaves `runtimeClassName` unset by default; `doctor` looks for the class that is set",
    doom: "at-once",
    example: 'pods is forbidden: pod rejected: RuntimeClass "nvidia" not found',
    source: recorded("Kubernetes 1.34.2"),
  },
  {
    id: "service-account-missing",
    title: "the pod's ServiceAccount is missing",
    sees: "no pod: `error looking up service account`",
    area: "admission",
    patterns: [/error looking up service account/i],
    remedy: "somebody has removed it: `pulumi refresh`, then `pulumi up` writes it again",
    command: "pulumi up --refresh --stack {stack}",
    program: "makes it before the Deployment; `doctor` finds that it is gone",
    doom: "repeated",
    example: 'pods is forbidden: error looking up service account x/vllm-sa: serviceaccount "vllm-sa" not found',
    source: recorded("Kubernetes 1.34.2"),
  },
  {
    id: "limit-range",
    title: "a LimitRange forbids the pod's resources",
    sees: "no pod: `maximum memory usage per Container`",
    area: "admission",
    patterns: [/(maximum|minimum) \S+ usage per (container|pod)/i],
    remedy:
      "set `resources` and `downloaderResources` within the namespace's LimitRange (`kubectl describe limitrange`)",
    command: "kubectl describe limitrange -n {namespace}",
    program: "sets requests and limits of every container, from `resources` and `downloaderResources`",
    doom: "at-once",
    example: "pods is forbidden: maximum memory usage per Container is 4Gi, but limit is 8Gi",
    source: recorded("Kubernetes 1.34.2"),
  },
  {
    id: "admission-policy",
    title: "a ValidatingAdmissionPolicy of the cluster refuses the pod",
    sees: "no pod: `ValidatingAdmissionPolicy '…' … denied request`",
    area: "admission",
    patterns: [
      /ValidatingAdmissionPolicy '[^']+' with binding '[^']+' denied request(?!.*security context constraint)/is,
    ],
    remedy:
      "its words say what it asks for; the cluster's admins can say which pods it lets through, or make an exception",
    command: "kubectl get validatingadmissionpolicies",
    program: "shows the policy's name and its own words",
    doom: "at-once",
    example:
      "pods is forbidden: ValidatingAdmissionPolicy 'images' with binding 'images' denied request: only images of our registry",
    source: recorded("Kubernetes 1.34.2"),
  },
  {
    id: "priority-class-missing",
    title: "the cluster has no such PriorityClass",
    sees: "no pod: `no PriorityClass with name … was found`",
    area: "admission",
    patterns: [/no PriorityClass with name \S+ was found/i],
    remedy: "name one that `kubectl get priorityclass` shows in `priorityClassName`, or none",
    command: "kubectl get priorityclass",
    program: "sets none by default",
    doom: "at-once",
    example: "pods is forbidden: no PriorityClass with name gpu-high was found",
    source: reported(inKubernetes("plugin/pkg/admission/priority/admission.go")),
  },
  {
    id: "namespace-terminating",
    title: "the namespace is being deleted",
    sees: "no pod: `because it is being terminated`",
    area: "admission",
    patterns: [/because it is being terminated/i],
    remedy:
      "wait until it is gone (`kubectl get namespace {namespace} -o yaml` says what it waits for), then run `pulumi up --refresh`",
    command: "kubectl get namespace {namespace} -o yaml",
    program: "makes the namespace again once it is gone",
    doom: "repeated",
    example: "pods is forbidden: unable to create new content in namespace x because it is being terminated",
    source: reported(
      inKubernetes("staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go"),
    ),
  },
  {
    id: "admission-refused",
    title: "the cluster refuses the pod",
    sees: "no pod: ReplicaFailure, FailedCreate",
    area: "admission",
    reasons: ["FailedCreate"],
    patterns: [],
    remedy: "see the message: an admission webhook or policy of the cluster",
    command: "kubectl get events -n {namespace} --field-selector reason=FailedCreate",
    program: "shows the refusal's own words",
    doom: "repeated",
    source: reported(inKubernetes("pkg/controller/replicaset/replica_set_utils.go")),
  },
] as const satisfies readonly Row[];
