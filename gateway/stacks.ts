import * as pulumi from "@pulumi/pulumi";
import { type Problem, problem } from "../components/text/errors";
import type { Model } from "./registration";
import type { ModelSettings } from "./settings";

/** A model with what the gate needs: its key in this process alone. */
export interface ReadModel extends Model {
  /** By which URL this machine reaches it, without `/v1`. */
  gateUrl: string;
  apiKey: string | undefined;
}

export interface ReadModels {
  models: ReadModel[];
  /** Stacks that exist but hold nothing: destroyed, or not yet deployed. */
  gone: string[];
  problems: Problem[];
}

/** What the outputs of an inference stack are, as far as they are read here. */
interface Outputs {
  routeUrl?: string;
  internalUrl?: string;
  modelId?: string;
  servedModelNames?: string[];
  maxModelLen?: number;
  toolCallParser?: string;
  apiKey?: string;
}

const outputNames = [
  "routeUrl",
  "internalUrl",
  "modelId",
  "servedModelNames",
  "maxModelLen",
  "toolCallParser",
  "apiKey",
] as const satisfies (keyof Outputs)[];

/** Reads every inference stack; their outputs are in the backend, so a preview knows them too. */
export async function readModels(settings: readonly ModelSettings[]): Promise<ReadModels> {
  const found = await Promise.all(settings.map(async (model) => modelOf(model, await readOutputs(model.stack))));
  const read: ReadModels = { models: [], gone: [], problems: [] };
  for (const [index, model] of found.entries()) {
    if (model === undefined) read.gone.push(settings[index]!.stack);
    else {
      const path = `models[${index}]`;
      read.models.push({ ...model, path });
      read.problems.push(...urlProblems({ ...model, path }, settings[index]!));
    }
  }
  return read;
}

async function readOutputs(stack: string): Promise<Outputs> {
  const reference = new pulumi.StackReference(stack);
  const details = await Promise.all(outputNames.map((name) => reference.getOutputDetails(name)));
  return Object.fromEntries(
    outputNames.map((name, index) => [name, details[index]?.value ?? details[index]?.secretValue]),
  );
}

/** Pure; undefined where the stack has no model. */
export function modelOf(settings: ModelSettings, outputs: Outputs): ReadModel | undefined {
  if (outputs.modelId === undefined) return undefined;
  const { routeUrl, internalUrl } = outputs;
  return {
    stack: settings.stack,
    path: "",
    modelId: outputs.modelId,
    servedModelNames: outputs.servedModelNames ?? [],
    maxModelLen: outputs.maxModelLen ?? 0,
    toolCallParser: outputs.toolCallParser,
    url: settings.endpoint === "internal" ? internalUrl : routeUrl,
    hasApiKey: outputs.apiKey !== undefined,
    aliases: settings.aliases ?? (outputs.servedModelNames ?? []).filter((name) => !name.includes("/")),
    gateUrl: settings.gateUrl ?? routeUrl ?? "",
    apiKey: outputs.apiKey,
  };
}

function urlProblems(model: ReadModel, { endpoint, stack }: ModelSettings): Problem[] {
  const problems: Problem[] = [];
  if (model.url === undefined) {
    const rule = `be an URL that the stack ${stack} has, and it has no Route`;
    problems.push(problem(`${model.path}.endpoint`, endpoint, rule, "set it to internal, or routeEnabled there"));
  }
  if (model.gateUrl === "") {
    const rule = `be set, because ${stack} has no Route by which this machine could prove a tool call`;
    const remedy = "set the URL of a port-forward, such as http://127.0.0.1:8000";
    problems.push(problem(`${model.path}.gateUrl`, undefined, rule, remedy));
  }
  return problems;
}
