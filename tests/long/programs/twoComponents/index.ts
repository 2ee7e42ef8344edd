/** Two models in one namespace, which is made beside them. */
import { createProvider, SharedNamespace, VllmInference } from "../../../../components";

const { TEST_KUBECONFIG: kubeconfig = "", TEST_CONTEXT: context = "", TEST_NAMESPACE: namespace = "" } = process.env;
const cluster = createProvider("cluster", { kubeconfig, context });
const shared = new SharedNamespace("shared", { cluster, namespace });
const args = { cluster, namespace, createNamespace: false };
const opts = { dependsOn: [shared] };
const first = new VllmInference("vllm", { ...args, hfToken: "hf_first" }, opts);
const coder = { ...args, hfToken: "hf_second", modelId: "Qwen/Qwen2.5-Coder-7B-Instruct" };
const second = new VllmInference("coder", coder, opts);

export const urls = [first.routeUrl, second.routeUrl];
