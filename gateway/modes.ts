import * as pulumi from "@pulumi/pulumi";
import { clusterConnection, createProvider } from "../components/cluster";
import { type ClaudeCodeBlock, claudeCodeBlock } from "./claudeCode";
import type { GatewayConfig } from "./config";
import type { Gate } from "./gate";
import { LiteLlm } from "./liteLlm";
import { Registered } from "./register/registered";
import type { Registration } from "./registrations";
import type { ReadModel } from "./stacks";

/** By what clients reach the models. */
export interface Reach {
  url: pulumi.Output<string>;
  /** Secret; undefined where nobody has given one. */
  key: pulumi.Output<string | undefined>;
}

/** Makes what the mode asks for. */
export function reach(
  { settings, adminKey, clientKey }: GatewayConfig,
  registrations: readonly Registration[],
  models: readonly ReadModel[],
  gate: Gate,
): Reach {
  const keys = models.map(({ stack, apiKey }) => [stack, pulumi.secret(apiKey ?? "")] as const);
  const modelKeys = Object.fromEntries(keys);
  switch (settings.mode) {
    case "deploy": {
      const { kubeContext = "", kubeconfig } = settings;
      const connection = clusterConnection(kubeContext, kubeconfig, pulumi.getRootDirectory());
      const cluster = createProvider("cluster", connection);
      return new LiteLlm("litellm", { cluster, settings, registrations, modelKeys, gate });
    }
    case "register": {
      const { litellmUrl: url = "", provider } = settings;
      new Registered("litellm", { url, adminKey, provider, registrations, modelKeys, gate });
      return { url: pulumi.output(url), key: pulumi.secret(clientKey) };
    }
    case "direct": {
      const [model] = models;
      return { url: pulumi.output(model?.url ?? ""), key: pulumi.secret(model?.apiKey) };
    }
  }
}

/** Secret, because the key is in it; undefined where nothing is registered. */
export function claudeCodeOutput(
  url: pulumi.Output<string>,
  key: pulumi.Output<string | undefined>,
  registrations: readonly Registration[],
): pulumi.Output<ClaudeCodeBlock> | undefined {
  if (registrations.length === 0) return undefined;
  const figures = {
    aliases: [...new Set(registrations.map(({ alias }) => alias))],
    // An alias may stand for several models: what fits the smallest fits all.
    context: Math.min(...registrations.map((each) => each.maxInputTokens + each.maxOutputTokens)),
    maxOutputTokens: Math.min(...registrations.map((each) => each.maxOutputTokens)),
  };
  const block = pulumi.all([url, key]).apply(([base, token]) => claudeCodeBlock({ ...figures, url: base, key: token }));
  return pulumi.secret(block);
}
