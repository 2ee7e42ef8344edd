/** A model whose objects another provider makes than `createProvider`'s, beside what `cluster` says of it. */
import * as k8s from "@pulumi/kubernetes";
import { VllmInference } from "../../../../components";

const { TEST_PROVIDER: kubeconfig = "", TEST_CLUSTER: named = "", TEST_CONTEXT: context = "" } = process.env;
const { TEST_NAMESPACE: namespace = "" } = process.env;
const provider = new k8s.Provider("theirs", { kubeconfig, context });
const args = { namespace, hfToken: "hf_theirs", cluster: { context, kubeconfig: named } };

export const url = new VllmInference("vllm", args, { provider }).routeUrl;
