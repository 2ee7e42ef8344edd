import { requireRecreate } from "../../../../policies/resource/requireRecreate";
import { deployment, pod, resource, server, workload } from "../resources";
import { unknown, type Json, type PolicyCases } from "../support";

const web = { name: "web", image: "registry.example/web:1.2.3" };
const claimed = (claimName: string): ReturnType<typeof pod> =>
  pod({
    initContainers: undefined,
    containers: [web],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName } }],
  });
const claim = (name: string, accessModes: unknown): ReturnType<typeof resource> =>
  resource("core/v1:PersistentVolumeClaim", name, { spec: { accessModes } });
const onClaim = (claimName: string): ReturnType<typeof pod> =>
  pod({ initContainers: undefined, volumes: [{ name: "models", persistentVolumeClaim: { claimName } }] });
const inPlace = (maxSurge: unknown): Json => ({ strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge } } });
const serves = "because it serves vLLM and its GPU is free only when the old pod is gone";
const notShared = (name: string): string =>
  `because claim ${name} is not known to be ReadWriteMany (register it before the Deployment, or list it in the ` +
  `policy's readWriteManyClaims)`;
const set = 'set strategy: { type: "Recreate" }.';

export default {
  policy: requireRecreate,
  cases: [
    { says: "a Deployment that serves vLLM with Recreate", given: deployment() },
    {
      says: "a Deployment that serves vLLM with RollingUpdate",
      given: deployment(pod(), { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } }),
      finds: [
        `Deployment vllm-inference/vllm: 'spec.strategy.type' ("RollingUpdate") must be "Recreate", ${serves}; ${set}`,
      ],
    },
    {
      says: "a Deployment that serves vLLM without a strategy, which means RollingUpdate",
      given: deployment(pod(), { strategy: undefined }),
      finds: [`Deployment vllm-inference/vllm: 'spec.strategy.type' (absent) must be "Recreate", ${serves}; ${set}`],
    },
    {
      says: "an OpenShift DeploymentConfig that serves vLLM with Rolling",
      given: workload("DeploymentConfig", pod(), { strategy: { type: "Rolling" } }),
      finds: [
        `DeploymentConfig vllm-inference/vllm: 'spec.strategy.type' ("Rolling") must be "Recreate", ${serves}; ${set}`,
      ],
    },
    {
      says: "a Deployment in a DeploymentList",
      given: resource("apps/v1:DeploymentList", "all", {
        items: [deployment().props, deployment(pod(), { strategy: undefined }, { name: "second" }).props],
      }),
      finds: [`Deployment vllm-inference/second: 'spec.strategy.type' (absent) must be "Recreate", ${serves}; ${set}`],
    },
    { says: "a StatefulSet, which never runs two pods of one name", given: workload("StatefulSet") },
    {
      says: "a strategy that is not known yet",
      given: deployment(pod(), { strategy: { type: unknown } }),
    },
    {
      says: "an unknown image, but a command that names vLLM",
      given: deployment(pod({ containers: [server({ image: unknown })] }), { strategy: undefined }),
      finds: [`Deployment vllm-inference/vllm: 'spec.strategy.type' (absent) must be "Recreate", ${serves}; ${set}`],
    },
    { says: "a whole spec that is not known yet", given: resource("apps/v1:Deployment", "vllm", { spec: unknown }) },
    {
      says: "another Deployment without a claim",
      given: deployment(pod({ initContainers: undefined, containers: [web], volumes: undefined }), {
        strategy: undefined,
      }),
    },
    {
      says: "another Deployment that mounts a claim nobody knows",
      given: deployment(claimed("data"), { strategy: undefined }),
      finds: [
        `Deployment vllm-inference/vllm: 'spec.strategy.type' (absent) must be "Recreate", ${notShared("data")}; ${set}`,
      ],
    },
    {
      says: "another Deployment whose claim is ReadWriteOnce",
      given: [claim("once", ["ReadWriteOnce"]), deployment(claimed("once"), { strategy: undefined })],
      finds: [
        `Deployment vllm-inference/vllm: 'spec.strategy.type' (absent) must be "Recreate", ${notShared("once")}; ${set}`,
      ],
    },
    {
      says: "another Deployment whose claim is ReadWriteMany and was registered before it",
      given: [claim("shared", ["ReadWriteMany"]), deployment(claimed("shared"), { strategy: undefined })],
    },
    {
      says: "another Deployment whose claim is read by many nodes and written by none",
      given: [claim("read", ["ReadOnlyMany"]), deployment(claimed("read"), { strategy: undefined })],
    },
    {
      says: "another Deployment whose claim many nodes may read, and one may write",
      given: [claim("mixed", ["ReadWriteOnce", "ReadOnlyMany"]), deployment(claimed("mixed"), { strategy: undefined })],
      finds: [
        `Deployment vllm-inference/vllm: 'spec.strategy.type' (absent) must be "Recreate", ${notShared("mixed")}; ${set}`,
      ],
    },
    {
      says: "a server on a claim that many nodes read, replaced in place",
      given: [claim("read-too", ["ReadOnlyMany"]), deployment(onClaim("read-too"), inPlace(0))],
    },
    {
      says: "a server on a claim that many nodes write, replaced in place by percents",
      given: [claim("shared-too", ["ReadWriteMany"]), deployment(onClaim("shared-too"), inPlace("0%"))],
    },
    {
      says: "a server without a claim, replaced in place by a text",
      given: deployment(pod({ initContainers: undefined, volumes: undefined }), inPlace("0")),
    },
    {
      says: "a server whose surge is not known yet",
      given: deployment(pod({ initContainers: undefined, volumes: undefined }), inPlace(unknown)),
    },
    {
      says: "a server on a claim of one node, replaced in place",
      given: [claim("once-too", ["ReadWriteOnce"]), deployment(onClaim("once-too"), inPlace(0))],
      finds: [
        `Deployment vllm-inference/vllm: 'spec.strategy.type' ("RollingUpdate") must be "Recreate", ${notShared("once-too")}; ${set}`,
      ],
    },
    {
      says: "another Deployment whose claim the configuration calls ReadWriteMany",
      given: deployment(claimed("elsewhere"), { strategy: undefined }),
      config: { readWriteManyClaims: ["vllm-inference/elsewhere"] },
    },
    {
      says: "another Deployment whose claim's name is not known yet",
      given: deployment(claimed(unknown), { strategy: undefined }),
    },
    {
      says: "a waiver, which this policy does not take",
      given: deployment(
        pod(),
        { strategy: undefined },
        { annotations: { "vllm-policies/waive-require-recreate": "we dare" } },
      ),
      finds: [`Deployment vllm-inference/vllm: 'spec.strategy.type' (absent) must be "Recreate", ${serves}; ${set}`],
    },
  ],
} satisfies PolicyCases;
