import { forbidHostAccess } from "../../../../policies/resource/forbidHostAccess";
import { deployment, downloader, pod, server, workload } from "../resources";
import { unknown, type PolicyCases } from "../support";

const at = (found: string, kind = "Deployment"): string => `${kind} vllm-inference/vllm${found}`;
const added = { securityContext: { capabilities: { add: ["SYS_PTRACE"] } } };

export default {
  policy: forbidHostAccess,
  cases: [
    { says: "none of it", given: deployment() },
    {
      says: "dropped capabilities",
      given: deployment(
        pod({ containers: [server({ securityContext: { privileged: false, capabilities: { drop: ["ALL"] } } })] }),
      ),
    },
    {
      says: "host namespaces",
      given: deployment(pod({ hostNetwork: true, hostIPC: true })),
      finds: [
        at(": 'spec.template.spec.hostNetwork' (true) must not be set; remove it."),
        at(": 'spec.template.spec.hostIPC' (true) must not be set; remove it."),
      ],
    },
    {
      says: "the host's processes, in a DaemonSet",
      given: workload("DaemonSet", pod({ hostPID: true })),
      finds: [at(": 'spec.template.spec.hostPID' (true) must not be set; remove it.", "DaemonSet")],
    },
    {
      says: "a path of the node",
      given: deployment(pod({ volumes: [{ name: "models", hostPath: { path: "/mnt/models" } }] })),
      finds: [
        at(
          `: 'volumes.models.hostPath' ("/mnt/models") must not be a path of the node; set a persistentVolumeClaim or an emptyDir.`,
        ),
      ],
    },
    {
      says: "a privileged server",
      given: deployment(pod({ containers: [server({ securityContext: { privileged: true } })] })),
      finds: [at(", container server: 'securityContext.privileged' (true) must not be set; remove it.")],
    },
    {
      says: "an init container with an added capability",
      given: deployment(pod({ initContainers: [downloader(added)] })),
      finds: [
        at(
          `, container model-downloader: 'securityContext.capabilities.add' (["SYS_PTRACE"]) must be empty; remove it.`,
        ),
      ],
    },
    {
      says: "a privileged pod that has nothing to do with vLLM",
      given: deployment(
        pod({
          hostPID: true,
          initContainers: undefined,
          containers: [{ name: "agent", image: "registry.example/agent:1.0.0" }],
        }),
      ),
    },
    { says: "no security context at all", given: deployment(pod({ securityContext: undefined, volumes: undefined })) },
    {
      says: "values that are not known yet",
      given: deployment(pod({ hostNetwork: unknown, containers: [server({ securityContext: unknown })] })),
    },
    {
      says: "a volume that is not known yet beside a path of the node",
      given: deployment(
        pod({
          volumes: [
            unknown,
            { name: "models", hostPath: { path: unknown } },
            { name: "logs", hostPath: { path: "/var/log" } },
          ],
        }),
      ),
      finds: [
        at(
          ": 'volumes.models.hostPath' (unknown) must not be a path of the node; set a persistentVolumeClaim or an emptyDir.",
        ),
        at(
          `: 'volumes.logs.hostPath' ("/var/log") must not be a path of the node; set a persistentVolumeClaim or an emptyDir.`,
        ),
      ],
    },
  ],
} satisfies PolicyCases;
