import type * as pulumi from "@pulumi/pulumi";
import type { PodSpec } from "kubernetes-types/core/v1";
import type * as k8s from "@pulumi/kubernetes/types/input";
import { loadSeconds } from "../args/limits";
import type { ResolvedArgs } from "../args/resolve";
import { downloader, downloaderMounts } from "./downloader";
import { type Context, appliedIsEnough, labels, metadata, nobody, selector } from "./labels";
import { server, serverMounts } from "./server";
import { podSecurity, sharedMounts, volumes } from "./volumes";

/** Checksums of what the pod reads but its template does not show, by name. */
export type Checksums = Record<string, pulumi.Input<string>>;

/** @param claimName the claim's own output, so that a claim that is replaced has the Deployment that mounts it deleted before it */
export function deployment(
  context: Context,
  checksums: Checksums,
  claimName: pulumi.Input<string> = context.args.claimName,
): k8s.apps.v1.Deployment {
  const { args } = context;
  const annotations = Object.entries(checksums).map(([name, value]) => [`vllm-inference/${name}-checksum`, value]);
  return {
    metadata: metadata(context, args.names.deployment, { ...appliedIsEnough, ...trusted(args) }),
    spec: {
      replicas: 1,
      selector: { matchLabels: selector(args) },
      // The claim is ReadWriteOnce, and most nodes have no second set of GPUs.
      strategy: { type: "Recreate" },
      progressDeadlineSeconds: progressDeadlineSeconds(args),
      template: {
        metadata: { labels: labels(args), annotations: Object.fromEntries(annotations) as Checksums },
        spec: pod(args, claimName),
      },
    },
  };
}

/** A model's pod as it would be made, for those that look for its place. */
export function askedPod(args: ResolvedArgs): { name: string; namespace: string; template: { spec: PodSpec } } {
  const { template } = deployment({ args, owner: nobody }, {}).spec as { template: { spec: PodSpec } };
  return { name: args.component, namespace: args.namespace, template };
}

/** Annotation that says why code of the model's own may run; a policy asks for it. */
const trustAnnotation = "vllm-inference/trust-remote-code";

function trusted({ trustRemoteCode }: ResolvedArgs): Record<string, string> {
  return trustRemoteCode === undefined ? {} : { [trustAnnotation]: trustRemoteCode };
}

function pod(args: ResolvedArgs, claimName: pulumi.Input<string>): k8s.core.v1.PodSpec {
  return {
    serviceAccountName: args.names.serviceAccount,
    automountServiceAccountToken: false,
    // A Service named vllm would inject VLLM_PORT=tcp://…, which vLLM takes for its own port setting.
    enableServiceLinks: false,
    securityContext: podSecurity(args),
    terminationGracePeriodSeconds: args.terminationGracePeriodSeconds,
    tolerations: args.tolerations,
    ...(Object.keys(args.nodeSelector).length > 0 && { nodeSelector: args.nodeSelector }),
    ...(args.runtimeClassName !== undefined && { runtimeClassName: args.runtimeClassName }),
    ...(args.priorityClassName !== undefined && { priorityClassName: args.priorityClassName }),
    ...(args.imagePullSecret !== undefined && { imagePullSecrets: [{ name: args.imagePullSecret }] }),
    initContainers: [downloader(args)],
    containers: [server(args)],
    volumes: volumes([...sharedMounts(args, claimName), ...downloaderMounts(args), ...serverMounts(args)]),
  };
}

/** Kubernetes' own verdict on a slow rollout must not come before the gate's. */
function progressDeadlineSeconds(args: ResolvedArgs): number {
  return args.schedulingTimeoutSeconds + args.imagePullTimeoutSeconds + args.downloadTimeoutSeconds + loadSeconds(args);
}
