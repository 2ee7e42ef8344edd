/** From the models and their aliases to the list of registrations: pure, and the only place that decides what is registered. */
import { createHash } from "node:crypto";
import { type Problem, problem } from "../components/text/errors";
import { messagesProblems } from "./anthropic";
import { keyVariable } from "./entries";
import { minimumContext } from "../components/capacity/claudeCode";
import { type Model, type Registration, refOf } from "./registration";
import { outputTokens } from "./tokens";

/** The registrations of all models, in the order of the configuration, and every reason why one of them must not be. */
export function registrations(
  models: readonly Model[],
  owner: string,
): { registrations: Registration[]; problems: Problem[] } {
  const problems = [...models.flatMap(modelProblems), ...repeated(models)];
  return { registrations: models.flatMap((model) => entries(model, owner)), problems };
}

function entries(model: Model, owner: string): Registration[] {
  const maxOutputTokens = outputTokens(model.maxModelLen);
  return [...new Set(model.aliases)].map((alias) => ({
    id: registrationId(owner, refOf(model), alias),
    owner,
    alias,
    ref: refOf(model),
    modelId: model.modelId,
    servedName: calledName(model.servedModelNames),
    url: model.url ?? "",
    hasApiKey: model.hasApiKey,
    maxInputTokens: model.maxModelLen - maxOutputTokens,
    maxOutputTokens,
  }));
}

/** Which of its served names the gateway calls a model by: one without a slash, so that nothing on the way splits it. */
export function calledName(servedModelNames: readonly string[]): string {
  return servedModelNames.find((name) => !name.includes("/")) ?? servedModelNames[0] ?? "";
}

function registrationId(owner: string, ref: string, alias: string): string {
  const digest = createHash("sha256").update([owner, ref, alias].join("\n")).digest("hex");
  return `vllm-gateway-${digest.slice(0, 24)}`;
}

function modelProblems(model: Model): Problem[] {
  const problems: Problem[] = [];
  const set = (key: string, value: unknown): string => {
    const where = model.isOnly ? key : `--path models.${model.model}.${key}`;
    return `set it with \`pulumi config set --stack ${stackName(model.stack)} ${where} ${String(value)}\``;
  };
  const again = `in its project, and run \`pulumi up\` there`;
  if (model.maxModelLen < minimumContext) {
    const rule = `have at least ${minimumContext} tokens of context, because Claude Code's first request alone has about 24,000`;
    const remedy = `${set("maxModelLen", minimumContext)} ${again}`;
    problems.push(problem(`${model.path}.maxModelLen`, model.maxModelLen, rule, remedy));
  }
  if (model.toolCallParser === undefined) {
    const rule = "have a tool-call parser, or tool calls come back as text";
    const remedy = `${set("enableAutoToolChoice", true)} ${again}`;
    problems.push(problem(`${model.path}.toolCallParser`, undefined, rule, remedy));
  }
  problems.push(...messagesProblems(model));
  if (model.servedModelNames.length === 0) {
    const rule = "be served under at least one name";
    problems.push(problem(`${model.path}.servedModelNames`, undefined, rule, `run \`pulumi up\` in ${model.stack}`));
  }
  if (model.aliases.length === 0) {
    const rule = "have at least one alias";
    problems.push(problem(`${model.path}.aliases`, undefined, rule, "set a list of names, or leave it out"));
  }
  for (const alias of model.aliases.filter((name) => !/^[A-Za-z0-9][-A-Za-z0-9_.:@]*$/.test(name))) {
    const rule =
      "be a name without slash, space or wildcard, because clients such as Claude Code cannot use the others";
    problems.push(problem(`${model.path}.aliases`, alias, rule, "set a name such as claude-sonnet-4-5"));
  }
  return problems;
}

function repeated(models: readonly Model[]): Problem[] {
  return models.flatMap((model, index) => {
    const ref = refOf(model);
    const earlier = models.slice(0, index).find((other) => keyVariable(refOf(other)) === keyVariable(ref));
    if (!earlier) return [];
    if (refOf(earlier) !== ref) {
      const rule = `differ from ${refOf(earlier)} in more than punctuation, because the variables with their keys would have one name`;
      return [problem(`${model.path}.stack`, ref, rule, "rename one of the two")];
    }
    const remedy = "remove one of the two, and give the other one all aliases";
    return [problem(`${model.path}.stack`, ref, "be named once", remedy)];
  });
}

function stackName(stack: string): string {
  return stack.slice(stack.lastIndexOf("/") + 1);
}
