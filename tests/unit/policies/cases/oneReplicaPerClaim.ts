import { oneReplicaPerClaim } from "../../../../policies/stack/oneReplicaPerClaim";
import { claim, deployment, pod, resource, stackWith, workload } from "../resources";
import { unknown, type PolicyCases } from "../support";

const must = "must be at most 1, because claim vllm-models-cache is ReadWriteOnce";
const replicas = (shown: string, kind = "Deployment"): string =>
  `${kind} vllm-inference/vllm: 'spec.replicas' (${shown}) ${must}; set replicas: 1, or give each replica a claim of its own.`;
const scaler = resource("autoscaling/v2:HorizontalPodAutoscaler", "vllm", {
  spec: { maxReplicas: 3, scaleTargetRef: { kind: "Deployment", name: "vllm" } },
});

export default {
  policy: oneReplicaPerClaim,
  cases: [
    { says: "one replica", given: stackWith() },
    { says: "no number, which means one", given: stackWith(deployment(pod(), { replicas: undefined })) },
    { says: "two replicas", given: stackWith(deployment(pod(), { replicas: 2 })), finds: [replicas("2")] },
    {
      says: "two replicas of a StatefulSet on one claim",
      given: [claim(), workload("StatefulSet", pod(), { replicas: 2 })],
      finds: [replicas("2", "StatefulSet")],
    },
    {
      says: "a StatefulSet with a claim for each replica",
      given: [
        claim(),
        workload("StatefulSet", pod({ volumes: [] }), {
          replicas: 2,
          volumeClaimTemplates: [{ metadata: { name: "models" } }],
        }),
      ],
    },
    {
      says: "an autoscaler up to three",
      given: stackWith(scaler),
      finds: [
        `HorizontalPodAutoscaler vllm-inference/vllm: 'spec.maxReplicas' (3) ${must}; set maxReplicas: 1 or remove it.`,
      ],
    },
    {
      says: "two replicas on a claim for many",
      given: stackWith(claim({ accessModes: ["ReadWriteMany"] }), deployment(pod(), { replicas: 2 })),
    },
    {
      says: "two replicas on a claim that many nodes read",
      given: stackWith(claim({ accessModes: ["ReadOnlyMany"] }), deployment(pod(), { replicas: 2 })),
    },
    {
      says: "two replicas on a claim that one pod alone may mount",
      given: stackWith(claim({ accessModes: ["ReadWriteOncePod"] }), deployment(pod(), { replicas: 2 })),
      finds: [replicas("2")],
    },
    { says: "two replicas on a claim from elsewhere", given: [deployment(pod(), { replicas: 2 })] },
    { says: "a number that is not known yet", given: stackWith(deployment(pod(), { replicas: unknown })) },
    {
      says: "access modes that are not known yet",
      given: stackWith(claim({ accessModes: unknown }), deployment(pod(), { replicas: 2 })),
    },
  ],
} satisfies PolicyCases;
