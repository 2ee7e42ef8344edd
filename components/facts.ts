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
  "loraAdapters",
  "apiKeySecretName",
] as const satisfies (keyof VllmInference)[];

type Facts = Pick<VllmInference, (typeof told)[number]>;

export function factsOf(model: VllmInference): Facts {
  const all = told.map((name) => [name, model[name]] as const);
  return Object.fromEntries(all.filter(([, value]) => value !== undefined)) as Facts;
}
