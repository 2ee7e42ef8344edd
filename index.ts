import { createProvider } from "./components/cluster/provider";
import { readConfig } from "./components/config/readConfig";
import { VllmInference } from "./components/vllmInference";

const component = "vllm";
const { connection, args } = readConfig(component);
const cluster = createProvider("cluster", connection);
const inference = new VllmInference(component, { cluster, ...args });

export const {
  routeUrl,
  routeHost,
  internalUrl,
  namespace,
  modelId,
  servedModelNames,
  maxModelLen,
  toolCallParser,
  apiKeySecretName,
  apiKey,
} = inference;
