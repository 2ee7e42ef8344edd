import * as pulumi from "@pulumi/pulumi";
import { clusterConnection, createProvider } from "../components/cluster";
import { problemsText } from "../components/errors";
import { claudeCodeBlock } from "./claudeCode";
import { readGatewayConfig } from "./config";
import { Gate } from "./gate";
import { LiteLlm } from "./liteLlm";
import { registrations } from "./registrations";
import { readModels } from "./stacks";

/** The gateway: configuration and inference stacks -> registrations -> LiteLLM -> what Claude Code needs. */
export = async (): Promise<Record<string, unknown>> => {
  const config = readGatewayConfig();
  const { settings } = config;
  const owner = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const read = await readModels(settings.models);
  const list = registrations(read.models, owner);
  const problems = [...config.problems, ...read.problems, ...list.problems];
  if (problems.length > 0) {
    throw new pulumi.RunError(problemsText(`the configuration of stack '${pulumi.getStack()}'`, problems));
  }
  const gate = new Gate(read.models, settings.gateTimeoutSeconds);
  const { url, key } = new LiteLlm("litellm", {
    cluster: createProvider(
      "cluster",
      clusterConnection(settings.kubeContext ?? "", settings.kubeconfig, pulumi.getRootDirectory()),
    ),
    settings,
    registrations: list.registrations,
    modelKeys: Object.fromEntries(read.models.map(({ stack, apiKey }) => [stack, pulumi.secret(apiKey ?? "")])),
    gate,
  });
  const aliases = [...new Set(list.registrations.map(({ alias }) => alias))];
  const figures = {
    aliases,
    maxInputTokens: Math.min(...list.registrations.map(({ maxInputTokens }) => maxInputTokens)),
    maxOutputTokens: Math.min(...list.registrations.map(({ maxOutputTokens }) => maxOutputTokens)),
  };
  const claudeCode = pulumi.secret(
    pulumi.all([url, key]).apply(([base, token]) => claudeCodeBlock({ ...figures, url: base, key: token })),
  );
  return { url, key: pulumi.secret(key), aliases, claudeCode };
};
