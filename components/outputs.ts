import * as pulumi from "@pulumi/pulumi";
import type { VllmInference } from "./vllmInference";

/** What a stack tells of each of its models. */
const told = [
  "routeUrl",
  "routeHost",
  "internalUrl",
  "namespace",
  "modelId",
  "servedModelNames",
  "maxModelLen",
  "toolCallParser",
  "apiKeySecretName",
] as const satisfies (keyof VllmInference)[];

/** The outputs of a stack: of its one model each by itself, and of all by their names. */
export function outputsOf(models: Record<string, VllmInference>): Record<string, unknown> {
  const each = Object.entries(models);
  const [only] = each.length === 1 ? each : [];
  const facts = (model: VllmInference): object => Object.fromEntries(told.map((name) => [name, model[name]]));
  const keys = Object.fromEntries(each.map(([name, { apiKey }]) => [name, apiKey]));
  return {
    ...(only && { ...facts(only[1]), apiKey: only[1].apiKey }),
    models: Object.fromEntries(each.map(([name, model]) => [name, facts(model)])),
    // Apart, because one secret in a map hides all of it.
    apiKeys: pulumi.secret(keys),
  };
}
