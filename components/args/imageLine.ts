import { firstLineWith, type Kind, knownBy, lineKnows } from "../images/known";
import { endsBefore, lineOfImage } from "../images/lineOf";
import { currentLine, type ImageLine, isLineName, lineNames } from "../images/lines";
import { closestTo } from "../text/closest";
import { type Problem, problem } from "../text/errors";
import type { ResolvedArgs } from "./resolve";

/** Mistakes that show in the image's line: the line itself, and what its vLLM does not know. */
export function lineProblems(args: ResolvedArgs): Problem[] {
  const problems = nameProblems(args);
  const { line, toolCallParser } = args;
  if (problems.length > 0 || line === undefined) return problems;
  if (!args.enableAutoToolChoice || !isParserName(toolCallParser) || bringsParsers(args, "tool")) return [];
  return unknownTo(line, "toolParsers", "toolCallParser", toolCallParser);
}

function nameProblems({ image, imageLine }: ResolvedArgs): Problem[] {
  if (imageLine === undefined) return [];
  if (!isLineName(imageLine)) {
    const rule = `be one of ${lineNames.join(", ")}`;
    return [problem("imageLine", imageLine, rule, "set the line of the image, or leave it empty")];
  }
  const shown = lineOfImage(image);
  if (shown === undefined || shown.name === imageLine) return [];
  const rule = `be ${shown.name}, the line that 'image' (${image}) names`;
  return [problem("imageLine", imageLine, rule, "leave it empty, or set another image")];
}

/** Whether it could be the name of a parser; one of vLLM's has hyphens. */
export function isParserName(name: string): boolean {
  return /^[a-z0-9_][a-z0-9_-]*$/.test(name);
}

/** Whether a plugin of vLLM's is loaded: it brings parsers that only the image's maker knows. */
export function bringsParsers({ extraArgs }: Pick<ResolvedArgs, "extraArgs">, kind: "tool" | "reasoning"): boolean {
  return extraArgs.some((word) => word.split("=")[0]?.replaceAll("_", "-") === `--${kind}-parser-plugin`);
}

/** What each kind is called in a sentence. */
const called: Readonly<Record<Kind, string>> = {
  flags: "an argument",
  toolParsers: "a tool-call parser",
  reasoningParsers: "a reasoning parser",
  kvCacheDtypes: "a type of the KV cache",
  environment: "a switch",
  endpoints: "an endpoint",
  messageRoles: "a role in Anthropic's messages",
};

/**
 * The problem where the line's vLLM is known to lack it; it names the first line that has it.
 * @param all what a misspelt name may have meant
 */
export function unknownTo(
  line: ImageLine,
  kind: Kind,
  field: string,
  name: string,
  all: readonly string[] = [],
): Problem[] {
  if (lineKnows(line, kind, name) !== false) return [];
  const first = firstLineWith(kind, name);
  const few = kind !== "flags" && kind !== "environment";
  const remedies = [
    ...(few ? [`one that it has (${knownBy(line, kind).join(", ")})`] : []),
    ...(first ? [`an image of line ${first.name}, the first that has it (${imageOf(first)})`] : []),
  ];
  const rule = `be ${called[kind]} of the image's vLLM (line ${line.name}, vLLM ${line.vllm})`;
  const remedy = remedies.length > 0 ? `set ${remedies.join(", or ")}` : "take it out: no line has it";
  const found = problem(field, name, rule, remedy);
  const near = first || few ? undefined : closestTo(name, all);
  return [near === undefined ? found : { ...found, reason: `${found.reason} Did you mean '${near}'?` }];
}

/** How the line is known, where neither the image's name nor `imageLine` says it; to be read beside what is refused by it. */
export function lineSource({ image, imageLine, line }: ResolvedArgs): string {
  if (line === undefined || imageLine !== undefined || lineOfImage(image) !== undefined) return "";
  const setting = "set `imageLine` to its line";
  return `\nThat the image is of line ${line.name} is what its server answered when an \`up\` last waited for it; if another has this name by now, ${setting}.`;
}

/** What is worth saying about an image that is right: that its line has ended. */
export function imageNotes({ line }: ResolvedArgs): string[] {
  if (line === undefined || !endsBefore(line, currentLine)) return [];
  const { name, vllm, cuda, driver } = currentLine;
  const last = lastOf(line);
  return [
    `The image is of line ${line.name} (vLLM ${line.vllm}), and its repository ends at ${last}: the current line is ${name} ` +
      `(${imageOf(currentLine)}: vLLM ${vllm}, CUDA ${cuda}, driver ${driver} or newer).`,
  ];
}

function lastOf({ repository }: ImageLine): string {
  return lineNames.findLast((name) => lineOfImage(imageOf({ name, repository }))?.name === name) ?? "";
}

function imageOf({ name, repository }: Pick<ImageLine, "name" | "repository">): string {
  return `registry.redhat.io/${repository.replace("*", "cuda")}:${name}`;
}
