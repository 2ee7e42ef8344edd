// The fair comparison for the whole program: one ConfigMap, with the same imports, settings and plugins.
import * as core from "@pulumi/kubernetes/core/v1";
import * as random from "@pulumi/random";
import { createProvider } from "../../../components/cluster/provider";
import { firstModel } from "../../../components/config/models";
import { readConfig } from "../../../components/config/readConfig";
import "../../../components/vllmInference";

const { connection, models } = readConfig();
const args = models[firstModel];
const provider = createProvider("cluster", connection);
const key = new random.RandomPassword("key", { length: 40 });
new core.ConfigMap(
  "one",
  {
    metadata: { name: "bench-one", namespace: "default" },
    data: { modelId: args?.modelId ?? "", length: key.length.apply(String) },
  },
  { provider },
);
