import { matchToolParser } from "../../../../policies/resource/matchToolParser";
import { deployment, pod, server, workload } from "../resources";
import { unknown, type Json, type PolicyCases } from "../support";

const of = (model: unknown, ...args: unknown[]): Json =>
  pod({ containers: [server({ args: ["--model", model, ...args] })] });
const auto = "--enable-auto-tool-choice";
const parser = "--tool-call-parser";
const qwen = "/m/Qwen/Qwen2.5-7B-Instruct-AWQ";
const at = (found: string, kind = "Deployment"): string => `${kind} vllm-inference/vllm, container server: ${found}`;

export default {
  policy: matchToolParser,
  cases: [
    { says: "both, with the parser of the model's family", given: deployment() },
    { says: "neither", given: deployment(of(qwen)) },
    {
      says: "the choice without a parser",
      given: deployment(of(qwen, auto)),
      finds: [
        at(
          "'--tool-call-parser' (absent) must be given with --enable-auto-tool-choice; set the parser of the model's family.",
        ),
      ],
    },
    {
      says: "a parser without the choice",
      given: deployment(of(qwen, parser, "hermes")),
      finds: [
        at(
          "'--enable-auto-tool-choice' (absent) must be given with --tool-call-parser; set it, or leave the parser out.",
        ),
      ],
    },
    {
      says: "a parser of another family",
      given: deployment(of(qwen, auto, parser, "mistral")),
      finds: [at(`'--tool-call-parser' ("mistral") must fit Qwen/Qwen2.5-7B-Instruct-AWQ; set hermes.`)],
    },
    {
      says: "a parser of another family in a StatefulSet, for a model from the Hub",
      given: workload("StatefulSet", of("meta-llama/Llama-3.1-8B-Instruct", auto, `${parser}=hermes`)),
      finds: [
        at(
          `'--tool-call-parser' ("hermes") must fit meta-llama/Llama-3.1-8B-Instruct; set llama3_json.`,
          "StatefulSet",
        ),
      ],
    },
    {
      says: "a parser of another family in a sidecar among the init containers",
      given: deployment(
        pod({
          initContainers: [server({ restartPolicy: "Always", args: ["--model", qwen, auto, parser, "mistral"] })],
          containers: [],
        }),
      ),
      finds: [at(`'--tool-call-parser' ("mistral") must fit Qwen/Qwen2.5-7B-Instruct-AWQ; set hermes.`)],
    },
    {
      says: "a fine-tune that is only derived from a family",
      given: deployment(of("me/my-own-tuned-Llama-3.1", auto, parser, "hermes")),
    },
    {
      says: "a quantised model of another owner, with the parser of its family",
      given: deployment(of("RedHatAI/Mistral-Small-24B-Instruct-2501-FP8", auto, parser, "mistral")),
    },
    {
      says: "a quantised model of another owner, with the parser of another family",
      given: deployment(of("me/Llama-3.3-70B-Instruct-w4a16", auto, parser, "hermes")),
      finds: [
        at(`'--tool-call-parser' ("hermes") must fit me/Llama-3.3-70B-Instruct-w4a16; set llama3_json or pythonic.`),
      ],
    },
    {
      says: "DeepSeek V3.2 with its own parser",
      given: deployment(of("deepseek-ai/DeepSeek-V3.2", auto, parser, "deepseek_v32")),
    },
    {
      says: "DeepSeek V3.2 with the parser of V3",
      given: deployment(of("deepseek-ai/DeepSeek-V3.2", auto, parser, "deepseek_v3")),
      finds: [at(`'--tool-call-parser' ("deepseek_v3") must fit deepseek-ai/DeepSeek-V3.2; set deepseek_v32.`)],
    },
    {
      says: "DeepSeek V3.1 of another owner with its own parser",
      given: deployment(of("RedHatAI/DeepSeek-V3.1-FP8", auto, parser, "deepseek_v31")),
    },
    {
      says: "R1 with the parser of V3, of which it is made",
      given: deployment(of("deepseek-ai/DeepSeek-R1", auto, parser, "deepseek_v3")),
    },
    {
      says: "a distilled R1 on Qwen with the parser of its base",
      given: deployment(of("deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", auto, parser, "hermes")),
    },
    {
      says: "a distilled R1 on Llama with the parser of its base, quantised by another",
      given: deployment(of("RedHatAI/DeepSeek-R1-Distill-Llama-70B-FP8-dynamic", auto, parser, "llama3_json")),
    },
    {
      says: "a distilled R1 on Llama with the parser of R1",
      given: deployment(of("deepseek-ai/DeepSeek-R1-Distill-Llama-70B", auto, parser, "deepseek_v3")),
      finds: [
        at(
          `'--tool-call-parser' ("deepseek_v3") must fit deepseek-ai/DeepSeek-R1-Distill-Llama-70B; set llama3_json or pythonic.`,
        ),
      ],
    },
    { says: "a model that nobody knows", given: deployment(of("/mnt/models", auto, parser, "hermes")) },
    {
      says: "a parser from a plugin",
      given: deployment(of(qwen, auto, parser, "mine", "--tool-parser-plugin", "/plugins/mine.py")),
    },
    { says: "a parser that is not known yet", given: deployment(of(qwen, auto, parser, unknown)) },
    { says: "a model that is not known yet", given: deployment(of(unknown, auto, parser, "mistral")) },
    { says: "an argument that may be the parser", given: deployment(of(qwen, auto, unknown)) },
  ],
} satisfies PolicyCases;
