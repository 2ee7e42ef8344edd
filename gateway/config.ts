import * as pulumi from "@pulumi/pulumi";
import { clusterConnection } from "../components/cluster/connection";
import { contextProblem } from "../components/cluster/contexts";
import type { Problem } from "../components/text/errors";
import { besides } from "../components/config/entries";
import { type RawConfig, checkShape, masked, rawConfig } from "../components/config/strict";
import { gatewaySchema, gatewaySecrets } from "./configSchema";
import { type Settings, resolveSettings } from "./settings";
import { validate } from "./validate";

/** What the stack's configuration says, and every mistake in it. Secrets stay Outputs. */
export interface GatewayConfig {
  settings: Settings;
  problems: Problem[];
  adminKey: pulumi.Output<string>;
  /** Undefined where none is configured. */
  clientKey: pulumi.Output<string> | undefined;
}

const shape = { schema: gatewaySchema, secrets: gatewaySecrets };

export function readGatewayConfig(): GatewayConfig {
  const config = new pulumi.Config();
  const { settings, problems } = checkGatewayConfig(rawConfig(config.name));
  const { mode, kubeContext, kubeconfig } = settings;
  if (mode === "deploy" && kubeContext !== undefined) {
    const connection = clusterConnection(kubeContext, kubeconfig, pulumi.getRootDirectory());
    const lacking = contextProblem(connection, process.env);
    if (lacking) problems.push(lacking);
  }
  return {
    settings,
    problems,
    adminKey: config.getSecret("litellmAdminKey") ?? pulumi.secret(""),
    clientKey: settings.litellmClientKey === undefined ? undefined : config.getSecret("litellmClientKey"),
  };
}

/** Pure. */
export function checkGatewayConfig(raw: RawConfig): { settings: Settings; problems: Problem[] } {
  const { problems, values } = checkShape(shape, raw);
  const settings = resolveSettings(values);
  // Of a list that holds nothing but mistaken models it is not said that there is none.
  const isSaid = ({ propertyPath }: Problem): boolean =>
    propertyPath === "models" &&
    settings.models.length === 0 &&
    problems.some((each) => each.propertyPath !== "models" && each.propertyPath.startsWith("models"));
  const found = besides(problems, validate(settings)).filter((each) => !isSaid(each));
  return {
    settings,
    problems: [...problems, ...found].map((each) => masked(each, raw, gatewaySecrets)),
  };
}
