/** What the table of image lines knows of a model's answers to Anthropic's messages. */
import { firstLineWith, lineKnows } from "../components/images/known";
import { imageLine, isLineName } from "../components/images/lines";
import { type Problem, problem } from "../components/text/errors";
import type { Model } from "./registration";

type OfLine = Pick<Model, "imageLine">;

/** Whether it takes the role `system` inside `messages`; false where nobody knows. */
export function takesInlineSystem({ imageLine: name }: OfLine): boolean {
  return isLineName(name) && lineKnows(imageLine(name), "messageRoles", "system") === true;
}

/** An alias is an alias for Anthropic's messages: a vLLM without that endpoint serves none. */
export function messagesProblems({ path, imageLine: name, isOnly, model, stack }: Model): Problem[] {
  if (!isLineName(name) || lineKnows(imageLine(name), "endpoints", "/v1/messages") !== false) return [];
  const first = firstLineWith("endpoints", "/v1/messages")?.name ?? "";
  const where = isOnly ? "image" : `--path models.${model}.image`;
  const rule = `be a line whose vLLM answers /v1/messages, which is what the aliases are for`;
  const remedy =
    `set one of line ${first} or later with \`pulumi config set --stack ${stack.slice(stack.lastIndexOf("/") + 1)} ${where} <image>\` ` +
    "in its project, and run `pulumi up` there";
  return [problem(`${path}.imageLine`, name, rule, remedy)];
}
