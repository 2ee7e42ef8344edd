import type * as pulumi from "@pulumi/pulumi";
import type * as k8s from "@pulumi/kubernetes/types/input";
import { type Context, metadata } from "./labels";

export interface Published {
  url: pulumi.Input<string>;
  internalUrl: pulumi.Input<string>;
  deploymentUid: pulumi.Input<string>;
  deploymentGeneration: pulumi.Input<string>;
  routeUid?: pulumi.Input<string>;
}

/**
 * What in-cluster clients need to know, written only when the model serves. The Deployment's live uid and generation make
 * it change with every write to the Deployment, repairs of drift included, so that each of them is waited for; the Route's
 * uid does so for a Route that was made anew.
 */
export function published(context: Context, facts: Published): k8s.core.v1.ConfigMap {
  const { args } = context;
  return {
    metadata: metadata(context, args.names.publishedConfigMap),
    data: { ...facts, servedModelNames: args.servedModelNames.join(",") },
  };
}
