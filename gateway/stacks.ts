import * as pulumi from "@pulumi/pulumi";
import { firstModel } from "../components/config/models";
import { type Problem, problem } from "../components/text/errors";
import type { Model } from "./registration";
import type { ModelSettings } from "./settings";

/** A model with what the gate needs: its key in this process alone. */
export interface ReadModel extends Model {
  /** By which URL this machine reaches it, without `/v1`. */
  gateUrl: string;
  apiKey: string | undefined;
}

/** A model that is named and not there. */
export interface Gone {
  stack: string;
  /** As the configuration names it. */
  model: string | undefined;
  /** Names of the models that the stack has; none where it was destroyed, or is not yet deployed. */
  others: string[];
}

export interface ReadModels {
  models: ReadModel[];
  gone: Gone[];
  problems: Problem[];
}

/** What an inference stack tells of a model, as far as it is read here. */
interface Facts {
  routeUrl?: string;
  internalUrl?: string;
  modelId?: string;
  servedModelNames?: string[];
  maxModelLen?: number;
  toolCallParser?: string;
  imageLine?: string;
}

/** The outputs of an inference stack: of its one model each by itself, and of all by their names. */
interface Outputs extends Facts {
  apiKey?: string;
  /** Absent in those of an older program, whose stacks have one model. */
  models?: Record<string, Facts>;
  apiKeys?: Record<string, string>;
}

const outputNames = [
  "routeUrl",
  "internalUrl",
  "modelId",
  "servedModelNames",
  "maxModelLen",
  "toolCallParser",
  "imageLine",
  "apiKey",
  "models",
  "apiKeys",
] as const satisfies (keyof Outputs)[];

/** Reads every inference stack; their outputs are in the backend, so a preview knows them too. */
export async function readModels(settings: readonly ModelSettings[]): Promise<ReadModels> {
  const read = new Map<string, Promise<Outputs>>();
  const outputsOf = (stack: string): Promise<Outputs> => {
    const outputs = read.get(stack) ?? readOutputs(stack);
    read.set(stack, outputs);
    return outputs;
  };
  const found = await Promise.all(settings.map(async (each) => modelOf(each, await outputsOf(each.stack))));
  const all: ReadModels = { models: [], gone: [], problems: [] };
  for (const [index, each] of found.entries()) {
    const path = `models[${index}]`;
    if ("others" in each) all.gone.push(each);
    else if ("choices" in each) all.problems.push(whichOne(path, each.choices));
    else {
      all.models.push({ ...each, path });
      all.problems.push(...urlProblems({ ...each, path }, settings[index]!));
    }
  }
  return all;
}

async function readOutputs(stack: string): Promise<Outputs> {
  const reference = new pulumi.StackReference(stack);
  const details = await Promise.all(outputNames.map((name) => reference.getOutputDetails(name)));
  return Object.fromEntries(
    outputNames.map((name, index) => [name, details[index]?.value ?? details[index]?.secretValue]),
  );
}

/** Pure; `choices` where the stack has several models and none is named. */
export function modelOf(settings: ModelSettings, outputs: Outputs): ReadModel | Gone | { choices: string[] } {
  const { stack, aliases, endpoint, gateUrl } = settings;
  const all = modelsIn(outputs);
  const names = Object.keys(all);
  if (settings.model === undefined && names.length > 1) return { choices: names };
  const model = settings.model ?? names[0] ?? firstModel;
  const facts = Object.hasOwn(all, model) ? all[model] : undefined;
  if (facts?.modelId === undefined) return { stack, model: settings.model, others: names };
  const { routeUrl, internalUrl, servedModelNames = [], apiKey } = facts;
  return {
    stack,
    model,
    isOnly: names.length === 1,
    path: "",
    modelId: facts.modelId,
    servedModelNames,
    maxModelLen: facts.maxModelLen ?? 0,
    toolCallParser: facts.toolCallParser,
    imageLine: facts.imageLine,
    url: endpoint === "internal" ? internalUrl : routeUrl,
    hasApiKey: apiKey !== undefined,
    aliases: aliases ?? servedModelNames.filter((name) => !name.includes("/")),
    gateUrl: gateUrl ?? routeUrl ?? "",
    apiKey,
  };
}

function modelsIn({ models, apiKeys, ...flat }: Outputs): Record<string, Facts & { apiKey?: string }> {
  if (models === undefined) return flat.modelId === undefined ? {} : { [firstModel]: flat };
  const keyOf = (name: string): { apiKey?: string } => {
    const apiKey = apiKeys?.[name];
    return apiKey === undefined ? {} : { apiKey };
  };
  return Object.fromEntries(Object.entries(models).map(([name, facts]) => [name, { ...facts, ...keyOf(name) }]));
}

function whichOne(path: string, names: readonly string[]): Problem {
  const [first = ""] = names;
  const remedy = `set it with \`pulumi config set --path '${path}.model' ${first}\`, and add an entry with the same stack for each other model that is to have aliases`;
  return problem(`${path}.model`, undefined, `name one of the stack's models (${names.join(", ")})`, remedy);
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
