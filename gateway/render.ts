/**
 * What the gateway would tell LiteLLM, without Pulumi: for checks that run the real LiteLLM. Reads the models from standard input as JSON
 * (`Pick<Model, …>[]`, and the API keys), prints `{ config, environment, payloads }`.
 */
import { readFileSync } from "node:fs";
import { type Entry, type Provider, configFile, entry, keyVariable } from "./entries";
import { firstModel } from "../components/config/models";
import { problemsText } from "../components/text/errors";
import { registrations } from "./registrations";
import type { Model } from "./registration";

export type RenderedModel = Omit<Model, "model" | "isOnly" | "path" | "hasApiKey"> & { apiKey?: string };

export interface Rendered {
  /** The config file, as it stands in the ConfigMap. */
  config: string;
  /** What the container's environment must hold besides LITELLM_MASTER_KEY. */
  environment: Record<string, string>;
  /** Bodies of `POST /model/new`. */
  payloads: Entry[];
}

export function render(
  models: readonly RenderedModel[],
  provider: Provider = "hosted_vllm",
  owner = "organization/vllm-gateway/render",
): Rendered {
  const described = models.map((model, index) => ({
    ...model,
    model: firstModel,
    isOnly: true,
    path: `models[${index}]`,
    hasApiKey: model.apiKey !== undefined,
  }));
  const list = registrations(described, owner);
  if (list.problems.length > 0) throw new Error(problemsText("the models", list.problems));
  const keyOf = (ref: string): string | undefined => models.find((model) => model.stack === ref)?.apiKey;
  const keyed = models.flatMap((model) =>
    model.apiKey === undefined ? [] : [[keyVariable(model.stack), model.apiKey] as const],
  );
  return {
    config: configFile(list.registrations, provider),
    environment: Object.fromEntries(keyed),
    payloads: list.registrations.map((registration) => entry(registration, provider, keyOf(registration.ref))),
  };
}

if (require.main === module) {
  const [provider] = process.argv.slice(2) as [Provider?];
  const models = JSON.parse(readFileSync(0, "utf8")) as RenderedModel[];
  process.stdout.write(`${JSON.stringify(render(models, provider), undefined, 2)}\n`);
}
