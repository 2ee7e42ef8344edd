import { closestTo } from "../text/closest";
import { type Problem, problem } from "../text/errors";
import { secretIn } from "../text/secrets";
import { everKnown } from "../images/known";
import { isTemplateText, templateText } from "./chatTemplate";
import { templateFault } from "./jinja";
import { bringsParsers, isParserName, unknownTo } from "./imageLine";
import { atLeast } from "./numbers";
import type { ResolvedArgs } from "./resolve";
import { isCommit } from "./revision";

/** What the server is told about its model. */
export function servingProblems(args: ResolvedArgs): Problem[] {
  return [
    ...nameProblems(args),
    ...sizeProblems(args),
    ...parserProblems(args),
    ...cacheProblems(args),
    ...templateProblems(args),
    ...codeProblems(args),
  ];
}

function nameProblems({ servedModelNames }: ResolvedArgs): Problem[] {
  const problems: Problem[] = [];
  for (const name of servedModelNames.filter((each) => !/^[^\s,]+$/.test(each) || each.startsWith("-"))) {
    const rule = "have neither spaces nor commas, nor start with -";
    problems.push(problem("servedModelNames", name, rule, "set names such as my-model"));
  }
  if (!servedModelNames.some((name) => !name.includes("/"))) {
    const rule = "include a name without a slash, because clients such as Claude Code cannot use the others";
    problems.push(problem("servedModelNames", servedModelNames, rule, "set one more name such as my-model"));
  }
  return problems;
}

function sizeProblems(args: ResolvedArgs): Problem[] {
  const integers = ["maxModelLen", "maxNumSeqs", "tensorParallelSize"] as const;
  const problems = integers.flatMap((field) => atLeast(field, args[field], 1));
  if (!(args.gpuMemoryUtilization > 0 && args.gpuMemoryUtilization <= 1)) {
    const rule = "be above 0 and at most 1";
    problems.push(problem("gpuMemoryUtilization", args.gpuMemoryUtilization, rule, "set a share such as 0.9"));
  }
  const dtypes = ["auto", "half", "float16", "bfloat16", "float", "float32"];
  if (!dtypes.includes(args.dtype)) {
    problems.push(problem("dtype", args.dtype, `be one of ${dtypes.join(", ")}`, "set auto for the model's own type"));
  }
  const { maxNumBatchedTokens: batch, maxNumSeqs } = args;
  if (batch !== undefined && !(Number.isInteger(batch) && batch >= maxNumSeqs)) {
    const rule = `be a whole number of at least 'maxNumSeqs' (${maxNumSeqs}), because each request takes a token of a step`;
    problems.push(problem("maxNumBatchedTokens", batch, rule, "set a larger number such as 8192, or leave it empty"));
  }
  return problems;
}

function parserProblems(args: ResolvedArgs): Problem[] {
  const { enableAutoToolChoice, toolCallParser, reasoningParser, line } = args;
  const problems: Problem[] = [];
  if (enableAutoToolChoice && !isParserName(toolCallParser)) {
    const rule = "be the name of a parser of vLLM while 'enableAutoToolChoice' is true";
    problems.push(problem("toolCallParser", toolCallParser, rule, "set hermes for Qwen2.5"));
  }
  if (reasoningParser === undefined) return problems;
  if (!isParserName(reasoningParser)) {
    const rule = "be the name of a reasoning parser of vLLM";
    problems.push(problem("reasoningParser", reasoningParser, rule, "set one such as qwen3, or leave it empty"));
  } else if (line && !bringsParsers(args, "reasoning"))
    problems.push(...unknownTo(line, "reasoningParsers", "reasoningParser", reasoningParser));
  return problems;
}

function cacheProblems({ kvCacheDtype, line }: ResolvedArgs): Problem[] {
  if (line) return unknownTo(line, "kvCacheDtypes", "kvCacheDtype", kvCacheDtype);
  const known = everKnown("kvCacheDtypes");
  if (known.includes(kvCacheDtype)) return [];
  const near = closestTo(kvCacheDtype, known) ?? "auto";
  const rule = "be a type of the KV cache that a vLLM has";
  return [problem("kvCacheDtype", kvCacheDtype, rule, `set ${near}, or another of ${known.join(", ")}`)];
}

function templateProblems({ chatTemplate }: ResolvedArgs): Problem[] {
  if (chatTemplate === undefined) return [];
  const shown = isTemplateText(chatTemplate) ? undefined : chatTemplate;
  const text = templateText(chatTemplate);
  if (text === undefined) {
    const rule = "be a template's text, or the path of a file that can be read, from the project's folder";
    return [problem("chatTemplate", shown, rule, "set one such as templates/chat.jinja")];
  }
  // A ConfigMap holds 1 MiB: https://kubernetes.io/docs/concepts/configuration/configmap/
  if (text.trim() === "" || Buffer.byteLength(text) > 1_000_000) {
    const rule = "hold a template of at most 1,000,000 bytes";
    return [problem("chatTemplate", shown, rule, "set the file that holds the template")];
  }
  const problems: Problem[] = [];
  const fault = templateFault(text);
  if (fault) {
    const rule = `be a Jinja template (${fault.said}), because every request would fail`;
    problems.push(problem("chatTemplate", shown, rule, fault.remedy));
  }
  const secret = secretIn(text);
  if (secret !== undefined) {
    const rule = `hold no secret (there is ${secret} in it), because every reader of the namespace can see it`;
    problems.push(problem("chatTemplate", shown, rule, "take it out of the template, and revoke it"));
  }
  return problems;
}

/** Words that say yes or no, and not why. */
const noReason = /^(?:true|false|yes|no|on|off|none|null|ok|n\/?a|todo|tbd|because|\W*|\d+)$/i;

function codeProblems({ trustRemoteCode, modelRevision }: ResolvedArgs): Problem[] {
  if (trustRemoteCode === undefined) return [];
  const reason = trustRemoteCode.trim();
  const problems: Problem[] = [];
  if (noReason.test(reason) || reason.split(/\s+/).length < 3) {
    const rule = "say in a sentence why the model's own code may run in the server";
    const remedy = 'set one such as "its attention is not in vLLM; modeling.py was read", or leave it empty';
    problems.push(problem("trustRemoteCode", trustRemoteCode, rule, remedy));
  }
  if (!isCommit(modelRevision)) {
    const rule = "be a commit of 40 digits while 'trustRemoteCode' is set, so that no other code can come in its place";
    problems.push(problem("modelRevision", modelRevision, rule, "set the commit whose code was read"));
  }
  return problems;
}
