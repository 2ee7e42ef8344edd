/** Another team's program: a Deployment with the mistakes that TEST_MISTAKES names, and outputs wherever it can have them. */
import * as k8s from "@pulumi/kubernetes";
import { RandomPassword } from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import { createProvider } from "../../../../components/cluster/provider";

const { TEST_KUBECONFIG: kubeconfig = "", TEST_CONTEXT: context = "", TEST_NAMESPACE: namespace = "" } = process.env;
const mistakes = (process.env.TEST_MISTAKES ?? "").split(",");
const provider = createProvider("cluster", { kubeconfig, context });
const opts = { provider };

const made = new k8s.core.v1.Namespace("namespace", { metadata: { name: namespace } }, opts);
/** Known only when it has been made, and a secret, so that Pulumi hides the containers that hold it from its own display. */
const tag = new RandomPassword("tag", { length: 8, special: false, upper: false }).result;
const token = new k8s.core.v1.Secret(
  "token",
  { metadata: { name: "hub", namespace: made.metadata.name }, stringData: { token: pulumi.secret("not-a-token") } },
  opts,
);

/** The one mistake of which the program says why it is none. */
const isWaived = mistakes.includes("waived");
const waiver = isWaived && { "vllm-policies/waive-allow-slow-start": "the model is tiny" };

const labels = { app: "vllm" };
export const deployment = new k8s.apps.v1.Deployment(
  "server",
  {
    metadata: {
      name: "server",
      namespace: made.metadata.name,
      annotations: { "pulumi.com/waitFor": "jsonpath={.metadata.uid}", ...waiver },
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      ...(!mistakes.includes("recreate") && { strategy: { type: "Recreate" } }),
      template: {
        metadata: { labels },
        spec: {
          ...(!mistakes.includes("service-links") && { enableServiceLinks: false }),
          initContainers: [
            {
              name: "fetch",
              image: pulumi.interpolate`registry.example/tools:${tag}`,
              command: ["hf", "download", "Qwen/Qwen2.5-7B-Instruct-AWQ"],
              env: [
                { name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: token.metadata.name, key: "token" } } },
                ...(mistakes.includes("hub") ? [] : [{ name: "HF_HUB_OFFLINE", value: "0" }]),
                { name: "BUILD", value: tag },
              ],
            },
          ],
          containers: [
            {
              name: "server",
              image: pulumi.interpolate`registry.example/vllm:${tag}`,
              command: ["vllm", "serve", "/models", "--served-model-name", "qwen", "--port", "8000"],
              resources: { limits: { "nvidia.com/gpu": "1" } },
              ...(!isWaived && {
                startupProbe: { httpGet: { path: "/health", port: 8000 }, periodSeconds: 30, failureThreshold: 24 },
              }),
              readinessProbe: { httpGet: { path: "/health", port: 8000 } },
            },
          ],
        },
      },
    },
  },
  opts,
).metadata.name;
