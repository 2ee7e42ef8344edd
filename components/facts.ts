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
  "imageLine",
  "vllmVersion",
  "loraAdapters",
  "apiKeySecretName",
] as const satisfies (keyof VllmInference)[];

type Facts = Pick<VllmInference, (typeof told)[number]>;

/** Of the only model, each by itself. What its server alone can tell stands in `models`: Pulumi warns of an output that is undefined. */
export function flatFactsOf(model: VllmInference): Partial<Facts> {
  const { vllmVersion, imageLine, ...others } = factsOf(model);
  return { ...others, ...(vllmVersion === undefined && { imageLine }) };
}

export function factsOf(model: VllmInference): Facts {
  const all = told.map((name) => [name, model[name]] as const);
  return Object.fromEntries(all.filter(([, value]) => value !== undefined)) as Facts;
}
