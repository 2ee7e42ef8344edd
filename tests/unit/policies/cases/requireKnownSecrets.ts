import { requireKnownSecrets } from "../../../../policies/stack/requireKnownSecrets";
import { deployment, pod, secret, server, stackWith, workload } from "../resources";
import { unknown, type PolicyCases } from "../support";

const set = "must be a Secret of the stack; correct the name, or list it in externalSecrets.";
const from = (name: unknown, more = {}): object => ({
  name: "VLLM_API_KEY",
  valueFrom: { secretKeyRef: { name, key: "k", ...more } },
});
const of = (name: unknown, more = {}): ReturnType<typeof pod> =>
  pod({ containers: [server({ env: [from(name, more)] })] });
const pull = pod({ imagePullSecrets: [{ name: "redhat-pull" }] });

export default {
  policy: requireKnownSecrets,
  cases: [
    { says: "Secrets of the stack", given: stackWith() },
    {
      says: "a key from a Secret that does not exist",
      given: stackWith(deployment(of("vllm-api-kye"))),
      finds: [`Deployment vllm-inference/vllm, container server: 'env.VLLM_API_KEY' ("vllm-api-kye") ${set}`],
    },
    {
      says: "an init container whose token's Secret does not exist, in a StatefulSet",
      given: [secret("vllm-api-key"), workload("StatefulSet")],
      finds: [`StatefulSet vllm-inference/vllm, container model-downloader: 'env.HF_TOKEN' ("vllm-hf-token") ${set}`],
    },
    {
      says: "a Secret in another namespace",
      given: stackWith(secret("vllm-api-key", { namespace: "other" })),
      finds: [`Deployment vllm-inference/vllm, container server: 'env.VLLM_API_KEY' ("vllm-api-key") ${set}`],
    },
    {
      says: "volumes, pull secrets and a whole environment from Secrets that do not exist",
      given: stackWith(
        deployment(
          pod({
            containers: [server({ envFrom: [{ secretRef: { name: "more" } }] })],
            imagePullSecrets: [{ name: "redhat-pull" }],
            volumes: [
              { name: "tls", secret: { secretName: "tls" } },
              { name: "all", projected: { sources: [{ secret: { name: "ca" } }] } },
            ],
          }),
        ),
      ),
      finds: [
        `Deployment vllm-inference/vllm, container server: 'envFrom' ("more") ${set}`,
        `Deployment vllm-inference/vllm: 'volumes.tls' ("tls") ${set}`,
        `Deployment vllm-inference/vllm: 'volumes.all' ("ca") ${set}`,
        `Deployment vllm-inference/vllm: 'imagePullSecrets' ("redhat-pull") ${set}`,
      ],
    },
    {
      says: "a Secret that the configuration declares",
      given: stackWith(deployment(pull)),
      config: { externalSecrets: ["vllm-inference/redhat-*"] },
    },
    { says: "an optional Secret", given: stackWith(deployment(of("later", { optional: true }))) },
    { says: "a name that is not known yet", given: stackWith(deployment(of(unknown))) },
    {
      says: "a Secret whose name is not known yet",
      given: stackWith(deployment(of("made-1a2b3c")), secret("made", { name: unknown })),
    },
  ],
} satisfies PolicyCases;
