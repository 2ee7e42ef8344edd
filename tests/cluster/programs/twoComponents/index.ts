/** Two models in one namespace, which the first of them makes. */
import { createProvider } from "../../../../components/cluster/provider";
import { VllmInference } from "../../../../components/vllmInference";

const { TEST_KUBECONFIG: kubeconfig = "", TEST_CONTEXT: context = "", TEST_NAMESPACE: namespace = "" } = process.env;
const cluster = createProvider("cluster", { kubeconfig, context });
const first = new VllmInference("vllm", { cluster, namespace, hfToken: "hf_first" });
const args = { cluster, namespace, hfToken: "hf_second", createNamespace: false };
const second = new VllmInference(
  "coder",
  { ...args, modelId: "Qwen/Qwen2.5-Coder-7B-Instruct" },
  { dependsOn: [first] },
);

export const urls = [first.routeUrl, second.routeUrl];
