import type { V1Pod, V1PodStatus } from "@kubernetes/client-node";

/** A pod shaped like the product's, with a status of the test's choice. */
export function pod(status: Partial<V1PodStatus> = {}, annotations: Record<string, string> = {}): V1Pod {
  const image = "registry.example/rhaiis/vllm:3";
  return {
    metadata: {
      name: "vllm-abc",
      namespace: "team",
      uid: "u-1",
      annotations: { "simulation/fault": "none", ...annotations },
    },
    spec: {
      nodeName: "gpu-worker-0",
      volumes: [{ name: "script", configMap: { name: "vllm-downloader" } }],
      initContainers: [
        {
          name: "model-downloader",
          image,
          env: [
            { name: "MODEL_ID", value: "acme/model" },
            { name: "MODELS_PATH", value: "/models" },
            { name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "vllm-hf-token", key: "token" } } },
          ],
        },
      ],
      containers: [
        {
          name: "server",
          image,
          args: ["--model", "/models/acme/model"],
          env: [{ name: "VLLM_API_KEY", valueFrom: { secretKeyRef: { name: "vllm-api-key", key: "api-key" } } }],
          ports: [{ name: "http", containerPort: 8000 }],
          startupProbe: { httpGet: { path: "/health", port: "http" }, initialDelaySeconds: 30, periodSeconds: 30 },
        },
      ],
    },
    status: { startTime: new Date("2026-01-01T00:00:00Z"), podIP: "10.0.0.7", ...status },
  };
}

/** A container's status; `state` as the API writes it. */
export function container(name: string, state: object, more: object = {}) {
  return { name, image: "registry.example/rhaiis/vllm:3", imageID: "", ready: false, restartCount: 0, state, ...more };
}
