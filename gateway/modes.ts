import * as pulumi from "@pulumi/pulumi";
import { createProvider } from "../components/cluster/provider";
import { clusterConnection } from "../components/cluster/connection";
import { takesInlineSystem } from "./anthropic";
import { type ClaudeCodeBlock, claudeCodeBlock } from "./claudeCode";
import type { GatewayConfig } from "./config";
import type { Gate } from "./gate";
import { LiteLlm } from "./liteLlm";
import { Registered } from "./register/registered";
import { type Registration, refOf } from "./registration";
import type { ReadModel } from "./stacks";

/** By what clients reach the models. No value of it is known before what the gate lets through is done. */
export interface Reach {
  url: pulumi.Output<string>;
  /** Secret; undefined where there is none, or nobody has given it. */
  key: pulumi.Output<string> | undefined;
  /** Known once the aliases are. */
  registered: pulumi.Output<unknown>;
}

/** Makes what the mode asks for. */
export function reach(
  { settings, adminKey, clientKey }: GatewayConfig,
  registrations: readonly Registration[],
  models: readonly ReadModel[],
  gate: Gate,
): Reach {
  const keys = models.map((model) => [refOf(model), pulumi.secret(model.apiKey ?? "")] as const);
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
      const { registered } = new Registered("litellm", { url, adminKey, provider, registrations, modelKeys, gate });
      return { url: registered.apply(() => url), key: clientKey, registered };
    }
    case "direct": {
      const [model] = models;
      const key = model?.apiKey === undefined ? undefined : pulumi.secret(model.apiKey);
      return { url: pulumi.output(model?.url ?? ""), key, registered: pulumi.output(undefined) };
    }
  }
}

/** What clients need to know; an alias may stand for several models, and what fits the smallest fits all. */
export interface ClientLimits {
  aliases: string[];
  maxModelLen: number;
  maxOutputTokens: number;
  takesInlineSystem: boolean;
}

/** Undefined where nothing is registered. */
export function clientLimits(
  registrations: readonly Registration[],
  models: readonly Pick<ReadModel, "imageLine">[],
): ClientLimits | undefined {
  if (registrations.length === 0) return undefined;
  return {
    aliases: [...new Set(registrations.map(({ alias }) => alias))],
    maxModelLen: Math.min(...registrations.map((each) => each.maxInputTokens + each.maxOutputTokens)),
    maxOutputTokens: Math.min(...registrations.map((each) => each.maxOutputTokens)),
    takesInlineSystem: models.every(takesInlineSystem),
  };
}

/** Secret, because the key is in it. */
export function claudeCodeOutput({ url, key }: Reach, limits: ClientLimits): pulumi.Output<ClaudeCodeBlock> {
  const facts = { ...limits, context: limits.maxModelLen };
  const block = pulumi.all([url, key]).apply(([base, token]) => claudeCodeBlock({ ...facts, url: base, key: token }));
  return pulumi.secret(block);
}
