import type { OpsStack } from "./openStack";

type Outputs = Record<string, unknown>;

/** What the stack tells of one of its models, its key included: by itself where it is the only one, else by its name. */
export function outputsOfModel(outputs: Outputs, model: string): Outputs {
  const of = (map: unknown): unknown => (map as Record<string, unknown> | undefined)?.[model];
  const facts = of(outputs["models"]) as Outputs | undefined;
  if (facts === undefined) return outputs;
  return { ...facts, apiKey: of(outputs["apiKeys"]) };
}

/** Reads them with the user's own pulumi. */
export async function readModelOutputs(stack: OpsStack): Promise<Outputs> {
  const text = await stack.pulumi("stack", "output", "--json", "--show-secrets");
  return outputsOfModel(JSON.parse(text) as Outputs, stack.args.component);
}
