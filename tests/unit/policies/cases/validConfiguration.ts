import { validConfiguration } from "../../../../policies/resource/validConfiguration";
import { deployment, pod, stackWith, workload } from "../resources";
import { unknown, type PolicyCases } from "../support";

const wrong = (name: string, guess = ""): string =>
  `The policy pack's configuration: '${name}' must be the name of a policy; correct it, or remove it.${guess}`;

export default {
  policy: validConfiguration,
  cases: [
    { says: "no configuration", given: stackWith() },
    { says: "names of policies and the word for all", given: stackWith(), names: ["all", "require-recreate"] },
    {
      says: "a misspelt name, once",
      given: stackWith(),
      names: ["require-recreat", "pin-image-tag"],
      finds: [wrong("require-recreat", " Did you mean 'require-recreate'?")],
    },
    {
      says: "a name with other letters on a workload of another kind",
      given: workload("Job"),
      names: ["Require-Route-TLS"],
      finds: [wrong("Require-Route-TLS", " Did you mean 'require-route-tls'?")],
    },
    {
      says: "names that are nothing like a policy's",
      given: deployment(),
      names: ["some-other-pack-s-rule", "x"],
      finds: [wrong("some-other-pack-s-rule"), wrong("x")],
    },
    {
      says: "a misspelt name beside values that are not known yet",
      given: deployment(pod({ containers: unknown })),
      names: ["require-hf-hub-onlin"],
      finds: [wrong("require-hf-hub-onlin", " Did you mean 'require-hf-hub-online'?")],
    },
  ],
} satisfies PolicyCases;
