import { requireContextForAliases } from "../../../../policies/resource/requireContextForAliases";
import { deployment, pod, server, workload } from "../resources";
import { unknown, type Json, type PolicyCases } from "../support";

const of = (names: unknown[], length?: unknown): Json =>
  pod({
    containers: [
      server({ args: ["--served-model-name", ...names, ...(length === undefined ? [] : ["--max-model-len", length])] }),
    ],
  });
const alias = "claude-sonnet-4-5-20250929";
const finds = (shown: string, kind = "Deployment", tokens = 32768, name = alias): string[] => [
  `${kind} vllm-inference/vllm, container server: '--max-model-len' ("${shown}") must be at least ${tokens}, because ${name} ` +
    `is among the served names; set --max-model-len ${tokens}, or drop the alias.`,
];

export default {
  policy: requireContextForAliases,
  cases: [
    { says: "an alias with 32,768 tokens", given: deployment(of(["a/b", alias], "32768")) },
    { says: "an alias with 32K, which is as much", given: deployment(of(["a/b", alias], "32K")) },
    { says: "no alias with a short context", given: deployment(of(["a/b", "b"], "4096")) },
    { says: "an alias with a short context", given: deployment(of(["a/b", alias], "16384")), finds: finds("16384") },
    {
      says: "an alias with 32k, which is less, in a StatefulSet",
      given: workload("StatefulSet", of([alias], "32k")),
      finds: finds("32k", "StatefulSet"),
    },
    {
      says: "a sidecar among the init containers with a short context",
      given: deployment(
        pod({
          initContainers: [
            server({ restartPolicy: "Always", args: [`--served-model-name=${alias}`, "--max-model-len=8192"] }),
          ],
          containers: [],
        }),
      ),
      finds: finds("8192"),
    },
    { says: "no length, which means the model's own", given: deployment(of([alias])) },
    {
      says: "other aliases and a longer context by configuration",
      given: deployment(of(["opus"], "65536")),
      config: { aliases: ["opus"], minimumTokens: 131_072 },
      finds: finds("65536", "Deployment", 131_072, "opus"),
    },
    { says: "a length that is not known yet", given: deployment(of([alias], unknown)) },
    {
      says: "a name that is not known yet beside an alias",
      given: deployment(of([unknown, alias], "4096")),
      finds: finds("4096"),
    },
  ],
} satisfies PolicyCases;
