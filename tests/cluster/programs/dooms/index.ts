/** Several models, each in a namespace of its own that exists. */
import { createProvider, VllmInference } from "../../../../components";

const { TEST_KUBECONFIG: kubeconfig = "", TEST_CONTEXT: context = "", TEST_TOKEN: hfToken = "" } = process.env;
const cluster = createProvider("cluster", { kubeconfig, context });
for (const name of process.env["TEST_COMPONENTS"]?.split(",") ?? [])
  new VllmInference(name, { cluster, namespace: `doom-${name}`, hfToken, createNamespace: false });
