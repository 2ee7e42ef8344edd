import { forbidPlaintextSecrets } from "../../../../policies/resource/forbidPlaintextSecrets";
import { deployment, downloader, pod, resource, server, workload } from "../resources";
import { unknown, type Json, type PolicyCases } from "../support";

/** Made here, so that no tool takes this file for one that holds a token. */
const token = `hf_${"aB3d".repeat(9)}`;
const of = (changes: Json): Json => pod({ containers: [server(changes)] });
const from = "must come from a Secret";
const byReference = "set valueFrom: { secretKeyRef: … }.";
const byVariable = "give it by an environment variable from a Secret.";
const at = (found: string, container = "server", kind = "Deployment"): string =>
  `${kind} vllm-inference/vllm, container ${container}: ${found}`;
const map = (data: Json): ReturnType<typeof resource> => resource("core/v1:ConfigMap", "settings", { data });

export default {
  policy: forbidPlaintextSecrets,
  cases: [
    { says: "secrets by reference", given: deployment() },
    {
      says: "a token as value",
      given: deployment(of({ env: [{ name: "HF_TOKEN", value: token }] })),
      finds: [at(`'env.HF_TOKEN' (a Hugging Face token) ${from}; ${byReference}`)],
    },
    {
      says: "a token under an innocent name",
      given: deployment(of({ env: [{ name: "SHELF", value: `bearer ${token}` }] })),
      finds: [at(`'env.SHELF' (a Hugging Face token) ${from}; ${byReference}`)],
    },
    {
      says: "a value of no known form under a secret's name, in a Job",
      given: workload("Job", pod({ containers: [downloader({ env: [{ name: "S3_SECRET_KEY", value: "letmein" }] })] })),
      finds: [at(`'env.S3_SECRET_KEY' (a value in plain text) ${from}; ${byReference}`, "model-downloader", "Job")],
    },
    {
      says: "a token in the init container",
      given: deployment(pod({ initContainers: [downloader({ env: [{ name: "HF_TOKEN", value: token }] })] })),
      finds: [at(`'env.HF_TOKEN' (a Hugging Face token) ${from}; ${byReference}`, "model-downloader")],
    },
    {
      says: "an API key as argument",
      given: deployment(of({ args: ["--model", "/m", "--api-key", "letmein"] })),
      finds: [at(`'--api-key' (a value in plain text) ${from}; ${byVariable}`)],
    },
    {
      says: "a token in a shell's line",
      given: deployment(of({ command: ["bash", "-c"], args: [`HF_TOKEN=${token} vllm serve a/b`] })),
      finds: [at(`'HF_TOKEN' (a Hugging Face token) ${from}; ${byVariable}`)],
    },
    {
      says: "a token in an annotation of the object",
      given: deployment(pod(), {}, { annotations: { note: `login with ${token}` } }),
      finds: [
        "Deployment vllm-inference/vllm: 'annotation note' (a Hugging Face token) must be no secret; remove the annotation.",
      ],
    },
    {
      says: "a token in a ConfigMap",
      given: map({ "start.sh": `export HF_TOKEN=${token}` }),
      finds: [
        "ConfigMap vllm-inference/settings: 'data.start.sh' (a Hugging Face token) must be no secret; move it into a Secret.",
      ],
    },
    {
      says: "a password of no known form in a ConfigMap",
      given: map({ "db-password": "letmein" }),
      finds: [
        "ConfigMap vllm-inference/settings: 'data.db-password' (a value in plain text) must be no secret; move it into a Secret.",
      ],
    },
    {
      says: "a Secret, which is the place for it",
      given: resource("core/v1:Secret", "token", { stringData: { token } }),
    },
    {
      says: "an API key from the environment",
      given: deployment(of({ args: ["--model", "/m", "--api-key", "$(VLLM_API_KEY)"] })),
    },
    {
      says: "an API key from the environment in a shell's line",
      given: deployment(of({ command: ["sh", "-c"], args: ['vllm serve /m --api-key "$VLLM_API_KEY"'] })),
    },
    { says: "an empty token", given: deployment(of({ env: [{ name: "HUGGING_FACE_HUB_TOKEN", value: "" }] })) },
    { says: "a number of tokens", given: deployment(of({ env: [{ name: "MAX_TOKEN", value: "4096" }] })) },
    {
      says: "a checksum in an annotation",
      given: deployment(pod(), {}, { annotations: { "vllm-inference/token-checksum": "a".repeat(64) } }),
    },
    { says: "no environment, arguments or annotations", given: deployment(of({ env: undefined, args: undefined })) },
    { says: "a value that is not known yet", given: deployment(of({ env: [{ name: "HF_TOKEN", value: unknown }] })) },
    {
      says: "a value that is not known yet beside a token",
      given: deployment(
        of({
          env: [
            { name: "HOME", value: unknown },
            { name: "HF_TOKEN", value: token },
          ],
        }),
      ),
      finds: [at(`'env.HF_TOKEN' (a Hugging Face token) ${from}; ${byReference}`)],
    },
  ],
} satisfies PolicyCases;
