import type { Symptom } from "./symptom";

/** Why the cluster refuses to create the pod. */
export const admissionSymptoms: readonly Symptom[] = [
  {
    id: "scc-refused",
    title: "the ServiceAccount may not use the anyuid SCC",
    sees: "no pod: `unable to validate against any security context constraint`",
    area: "admission",
    patterns: [/security context constraint/i, /securitycontextconstraints/i, /\bSCC\b/],
    remedy:
      "ask a cluster admin to grant it (`oc adm policy add-scc-to-user anyuid -z vllm-sa`), or set `securityMode` to `restricted`, " +
      "which needs no SCC",
    doom: "at-once",
    example:
      "pods is forbidden: unable to validate against any security context constraint: [provider restricted-v2: ...]",
  },
  {
    id: "quota-exceeded",
    title: "a ResourceQuota is used up",
    sees: "no pod: `exceeded quota`",
    area: "admission",
    patterns: [/exceeded quota/i, /failed quota/i],
    remedy: "raise the namespace's ResourceQuota or lower `resources` (`kubectl describe resourcequota`)",
    doom: "repeated",
    example: "pods is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used: 1, limited: 1",
  },
  {
    id: "pod-security",
    title: "Pod Security forbids the pod",
    sees: 'no pod: `violates PodSecurity "restricted"`',
    area: "admission",
    patterns: [/violates PodSecurity/i],
    remedy: "set `securityMode` to `restricted`, or ask for a namespace whose Pod Security level admits user 0",
    doom: "at-once",
    example: 'pods is forbidden: violates PodSecurity "restricted:latest": runAsUser=0',
  },
  {
    id: "runtime-class-missing",
    title: "the cluster has no such RuntimeClass",
    sees: 'no pod: `RuntimeClass "nvidia" not found`',
    area: "admission",
    patterns: [/runtimeclass(es\S*)? "?[^"]*"? not found/i],
    remedy: "leave `runtimeClassName` unset on this cluster, or name one that `kubectl get runtimeclass` shows",
    doom: "at-once",
    example: 'pods is forbidden: pod rejected: RuntimeClass "nvidia" not found',
  },
  {
    id: "service-account-missing",
    title: "the pod's ServiceAccount is missing",
    sees: "no pod: `error looking up service account`",
    area: "admission",
    patterns: [/error looking up service account/i],
    remedy: "somebody has removed it: `pulumi refresh`, then `pulumi up` writes it again",
    doom: "repeated",
    example: 'pods is forbidden: error looking up service account x/vllm-sa: serviceaccount "vllm-sa" not found',
  },
  {
    id: "limit-range",
    title: "a LimitRange forbids the pod's resources",
    sees: "no pod: `maximum memory usage per Container`",
    area: "admission",
    patterns: [/(maximum|minimum) \S+ usage per (container|pod)/i],
    remedy:
      "set `resources` and `downloaderResources` within the namespace's LimitRange (`kubectl describe limitrange`)",
    doom: "at-once",
    example: "pods is forbidden: maximum memory usage per Container is 4Gi, but limit is 8Gi",
  },
  {
    id: "admission-refused",
    title: "the cluster refuses the pod",
    sees: "no pod: ReplicaFailure, FailedCreate",
    area: "admission",
    reasons: ["FailedCreate"],
    patterns: [],
    remedy: "see the message: an admission webhook or policy of the cluster",
    doom: "repeated",
  },
];
