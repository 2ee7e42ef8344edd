/** One process, two runs: the program is refused in the first. Prints what the second has made. */
import * as core from "@pulumi/kubernetes/core/v1";
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { createProvider, VllmInference } from "../../../../components";

const { TEST_KUBECONFIG: kubeconfig = "", TEST_CONTEXT: context = "", TEST_NAMESPACE: namespace = "" } = process.env;

async function up(program: () => void): Promise<string> {
  // Automation wants a promise.
  const run = (): Promise<void> => Promise.resolve(program());
  const stack = await LocalWorkspace.createOrSelectStack({ projectName: "twice", stackName: "test", program: run });
  return (await stack.up()).stdout;
}

async function main(): Promise<void> {
  const refused = up(() => {
    const cluster = createProvider("cluster", { kubeconfig, context });
    new VllmInference("vllm", { cluster, namespace, hfToken: "hf_first" });
    new VllmInference("coder", { cluster, namespace, hfToken: "hf_second" });
  });
  const why = await refused.then(
    () => "",
    (error: unknown) => String(error),
  );
  if (!why.includes("would be made by two components")) throw new Error(`not refused: ${why}`);
  const made = await up(() => {
    const cluster = createProvider("cluster", { kubeconfig, context });
    new core.ConfigMap("note", { metadata: { name: "twice", namespace: "default" } }, { provider: cluster });
  });
  console.log(made);
}

void main();
