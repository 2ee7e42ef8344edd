import { flag, flagText } from "../lib/commandLine";
import { servesVllm } from "../lib/evidence";
import { parsersOf } from "../lib/parsers";
import { podsOf, type Container } from "../lib/pods";
import { resourcePolicy, type Problem } from "../lib/policy";
import { argumentsAreWhole, modelNames, serverWords } from "../lib/server";

export const matchToolParser = resourcePolicy({
  name: "match-tool-parser",
  description:
    "A vLLM server has both --enable-auto-tool-choice and --tool-call-parser or neither, and the parser of its model's " +
    "family, because tool calls come back as raw text otherwise.",
  url: "https://docs.vllm.ai/en/latest/features/tool_calling/",
  symptom: "wrong-tool-parser",
  level: "mandatory",
  about: "servers",
  *check(object): Iterable<Problem> {
    for (const container of podsOf(object).flatMap((pod) => pod.containers)) {
      if (servesVllm(container)) yield* problems(container);
    }
  },
});

function* problems(container: Container): Iterable<Problem> {
  const words = serverWords(container);
  const auto = flag(words, "enable-auto-tool-choice");
  const parser = flag(words, "tool-call-parser");
  const whole = argumentsAreWhole(container);
  if (Array.isArray(auto) && parser === "absent" && whole) {
    yield {
      container: container.name,
      field: "--tool-call-parser",
      value: undefined,
      must: "be given with --enable-auto-tool-choice",
      set: "set the parser of the model's family",
    };
  }
  if (Array.isArray(parser) && auto === "absent" && whole) {
    yield {
      container: container.name,
      field: "--enable-auto-tool-choice",
      value: undefined,
      must: "be given with --tool-call-parser",
      set: "set it, or leave the parser out",
    };
  }
  const given = flagText(words, "tool-call-parser");
  // A plugin brings parsers of its own.
  if (given === undefined || flag(words, "tool-parser-plugin") !== "absent") return;
  for (const model of modelNames(container)) {
    const fitting = parsersOf(model);
    if (!fitting) continue;
    if (!fitting.includes(given)) {
      yield {
        container: container.name,
        field: "--tool-call-parser",
        value: given,
        must: `fit ${model}`,
        set: `set ${fitting.join(" or ")}`,
      };
    }
    return;
  }
}
