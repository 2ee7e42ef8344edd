import { requireServedModelName } from "../../../../policies/resource/requireServedModelName";
import { deployment, pod, resource, server, workload } from "../resources";
import { unknown, type Json, type PolicyCases } from "../support";

const of = (...args: unknown[]): Json => pod({ containers: [server({ args: ["--model", "/m/a/b", ...args] })] });
const at = (kind: string, found: string): string =>
  `${kind} vllm-inference/vllm, container server: '--served-model-name' ${found}`;
const absent = "(absent) must be given; set --served-model-name <model id> <alias without slash>.";

export default {
  policy: requireServedModelName,
  cases: [
    { says: "a model id and an alias", given: deployment() },
    { says: "an alias after an equals sign", given: deployment(of("--served-model-name=b")) },
    { says: "underscores in the flag", given: deployment(of("--served_model_name", "b")) },
    { says: "no name", given: deployment(of()), finds: [at("Deployment", absent)] },
    { says: "a flag without a value", given: deployment(of("--served-model-name")), finds: [at("Deployment", absent)] },
    {
      says: "no arguments at all",
      given: deployment(pod({ containers: [server({ args: undefined })] })),
      finds: [at("Deployment", absent)],
    },
    { says: "no name in a StatefulSet", given: workload("StatefulSet", of()), finds: [at("StatefulSet", absent)] },
    {
      says: "names with slashes alone",
      given: deployment(of("--served-model-name", "a/B-7B", "c/d")),
      finds: [at("Deployment", '(["a/B-7B","c/d"]) must have a name without slash; add one, such as b-7b.')],
    },
    {
      says: "a line for a shell without the name",
      given: deployment(
        pod({
          containers: [
            server({
              command: ["bash", "-c"],
              args: ["exec vllm serve a/b \\\n  --port 8000 # --served-model-name b"],
            }),
          ],
        }),
      ),
      finds: [at("Deployment", absent)],
    },
    {
      says: "a line for a shell with the name",
      given: deployment(
        pod({ containers: [server({ command: ["bash", "-c"], args: ["vllm serve a/b --served-model-name 'b'"] })] }),
      ),
    },
    {
      says: "a line for a shell with a variable that may hold it",
      given: deployment(
        pod({ containers: [server({ command: ["bash", "-c"], args: ["vllm serve a/b $EXTRA_ARGS"] })] }),
      ),
    },
    {
      says: "a script whose text nobody sees",
      given: deployment(pod({ containers: [server({ command: ["/scripts/start.sh"], args: [] })] })),
    },
    { says: "a configuration file that may hold it", given: deployment(of("--config", "/etc/vllm.yaml")) },
    {
      says: "a sidecar among the init containers without a name",
      given: deployment(
        pod({ initContainers: [server({ restartPolicy: "Always", args: ["--model", "/m/a/b"] })], containers: [] }),
      ),
      finds: [at("Deployment", absent)],
    },
    {
      says: "a KServe runtime whose arguments are completed elsewhere",
      given: resource("serving.kserve.io/v1alpha1:ServingRuntime", "vllm", {
        spec: { containers: [server({ args: ["--port=8080"] })] },
      }),
    },
    { says: "an argument that is not known yet", given: deployment(of(unknown)) },
    { says: "a name that is not known yet", given: deployment(of("--served-model-name", unknown)) },
    { says: "arguments that are not known yet", given: deployment(pod({ containers: [server({ args: unknown })] })) },
  ],
} satisfies PolicyCases;
