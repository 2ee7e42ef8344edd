import { justifyRemoteCode } from "../../../../policies/resource/justifyRemoteCode";
import { deployment, pod, server, workload } from "../resources";
import { unknown, type Json, type PolicyCases } from "../support";

const trusting = pod({ containers: [server({ args: ["--model", "/m/a/b", "--trust-remote-code"] })] });
const because = (reason: unknown): { annotations: Json } => ({
  annotations: { "vllm-inference/trust-remote-code": reason },
});
const finds = (kind = "Deployment"): string[] => [
  `${kind} vllm-inference/vllm, container server: '--trust-remote-code' (true) must be off, or have its reason in the annotation ` +
    "vllm-inference/trust-remote-code; take it out, or write there why the code is trusted.",
];

export default {
  policy: justifyRemoteCode,
  cases: [
    { says: "a server without foreign code", given: deployment() },
    { says: "foreign code and no reason", given: deployment(trusting), finds: finds() },
    {
      says: "foreign code in a StatefulSet",
      given: workload("StatefulSet", trusting),
      finds: finds("StatefulSet"),
    },
    { says: "foreign code and its reason", given: deployment(trusting, {}, because("read at commit abc")) },
    { says: "an empty reason", given: deployment(trusting, {}, because(" ")), finds: finds() },
    { says: "a reason that is not known yet", given: deployment(trusting, {}, because(unknown)) },
    {
      says: "a client that trusts foreign code",
      given: deployment(
        pod({ containers: [{ name: "tool", image: "python", args: ["x.py", "--trust-remote-code"] }] }),
      ),
    },
  ],
} satisfies PolicyCases;
